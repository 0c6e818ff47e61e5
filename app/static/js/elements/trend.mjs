/** `<wm-trend source="…">`: the scores of the last twelve periods, as lines and as a table. */
import { call } from "../api.mjs";
import { el, word } from "../words.mjs";
import { WmChart } from "./chart.mjs";

const MOST = 12;

class WmTrend extends HTMLElement {
  async connectedCallback() {
    this.replaceChildren(el("p", { class: "muted", role: "status" }, word("still")));
    try {
      this.#show(await call("GET", this.getAttribute("source") || ""));
    } catch (fault) {
      this.replaceChildren(el("p", { class: "notice bad", role: "alert" }, /** @type {Error} */ (fault).message));
    }
  }

  /** @param {{periods: string[], rows: {name: string, scores: (number|null)[]}[]}} told */
  #show({ periods, rows }) {
    const chart = /** @type {WmChart} */ (el("wm-chart"));
    this.replaceChildren(chart);
    const series = rows.slice(0, MOST).map((row) => ({ name: row.name, values: row.scores }));
    chart.draw({ title: word("chart_of_trend"), kind: "line", first: word("object"), labels: periods, series });
  }
}

customElements.define("wm-trend", WmTrend);
