/** `<wm-hours hours="0,3,…">`: how many reports each hour of the day brings. */
import { el, word } from "../words.mjs";
import { WmChart } from "./chart.mjs";

class WmHours extends HTMLElement {
  connectedCallback() {
    const values = (this.getAttribute("hours") || "").split(",").map(Number);
    const chart = /** @type {WmChart} */ (el("wm-chart"));
    this.replaceChildren(chart);
    const series = values.some(Boolean) ? [{ name: word("hours"), values }] : [];
    chart.draw({ title: word("hours"), kind: "bar", first: word("hours"), labels: values.map((_, hour) => `${hour}`), series });
  }
}

customElements.define("wm-hours", WmHours);
