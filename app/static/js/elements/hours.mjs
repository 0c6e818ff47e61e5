/** `<wm-hours hours="0,3,…" to="/…?…">`: how many reports each hour of the day brings. */
import { el, word } from "../words.mjs";
import { WmChart } from "./chart.mjs";

class WmHours extends HTMLElement {
  connectedCallback() {
    const values = (this.getAttribute("hours") || "").split(",").map(Number);
    const chart = /** @type {WmChart} */ (el("wm-chart"));
    this.replaceChildren(chart);
    const series = values.some(Boolean) ? [{ name: word("hours"), values }] : [];
    chart.draw({ title: word("hours"), kind: "bar", first: word("hours"), labels: values.map((_, hour) => `${hour}`), series, to: (hour) => `${this.getAttribute("to")}&hour=${hour}` });
  }
}

customElements.define("wm-hours", WmHours);
