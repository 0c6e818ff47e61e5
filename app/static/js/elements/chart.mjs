/**
 * `<wm-chart>`: a drawing by ECharts with a table as its twin; `draw(spec)` shows it.
 * The table is made first and stays: it is what a screen reader reads and what remains if the drawing fails.
 */
import { el, word } from "../words.mjs";

const LIBRARY = "../../vendor/echarts/echarts.esm.min.mjs";
const TOKENS = ["--text", "--text-2", "--line", "--brand", "--surface", "--close", "--handle", "--overdue", "--collect", "--dispatch", "--verify", "--rework"];

/** @typedef {{title: string, kind: "line"|"bar", first: string, labels: string[], series: {name: string, values: (number|null)[]}[], to?: (at: number) => string}} Spec `to` is where a figure of the table leads */

export class WmChart extends HTMLElement {
  /** @type {any} */
  #chart = null;
  /** @type {Spec|null} */
  #spec = null;
  #box = el("div", { class: "chart-box", "aria-hidden": "true" });
  #watch = new ResizeObserver(() => this.#chart?.resize());
  #theme = () => this.#paint();

  connectedCallback() {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", this.#theme);
  }

  disconnectedCallback() {
    matchMedia("(prefers-color-scheme: dark)").removeEventListener("change", this.#theme);
    this.#watch.disconnect();
    this.#chart?.dispose();
    this.#chart = null;
  }

  /** Show these numbers. @param {Spec} spec */
  async draw(spec) {
    this.#spec = spec;
    if (!spec.series.length) return this.replaceChildren(el("p", { class: "muted" }, word("chart_none")));
    this.replaceChildren(this.#box, table(spec));
    const library = await import(LIBRARY);
    if (!this.isConnected) return;
    this.#chart ??= library.init(this.#box, null, { renderer: "svg" });
    this.#watch.observe(this.#box);
    this.#paint();
    this.dataset.drawn = "yes";
  }

  #paint() {
    if (this.#chart && this.#spec) this.#chart.setOption(options(this.#spec, tokens(this)), true);
  }
}

/** @param {Element} node @returns {Record<string, string>} */
function tokens(node) {
  const style = getComputedStyle(node);
  return Object.fromEntries(TOKENS.map((name) => [name, style.getPropertyValue(name).trim()]));
}

/** @param {Spec} spec @param {Record<string, string>} token */
function options(spec, token) {
  const axis = { axisLabel: { color: token["--text-2"] }, axisLine: { lineStyle: { color: token["--line"] } }, splitLine: { lineStyle: { color: token["--line"] } } };
  return {
    animation: false, aria: { enabled: false }, color: TOKENS.slice(5).concat("--brand").map((name) => token[name]),
    textStyle: { color: token["--text"], fontFamily: "inherit" },
    grid: { left: 48, right: 16, top: spec.series.length > 1 ? 56 : 16, bottom: 32 },
    legend: spec.series.length > 1 ? { type: "scroll", top: 0, textStyle: { color: token["--text"] }, pageTextStyle: { color: token["--text"] } } : undefined,
    tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: token["--surface"], textStyle: { color: token["--text"] } },
    xAxis: { type: "category", data: spec.labels, ...axis }, yAxis: { type: "value", scale: spec.kind === "line", ...axis },
    series: spec.series.map((one) => ({ type: spec.kind, name: one.name, data: one.values, connectNulls: false, symbolSize: 6 })),
  };
}

/** @param {Spec} spec */
function table(spec) {
  const head = el("tr", {}, el("th", { scope: "col" }, spec.first), ...spec.labels.map((label) => el("th", { scope: "col", class: "n num" }, label)));
  const figure = (/** @type {number|null} */ value, /** @type {number} */ at) => value == null ? "—" : spec.to ? el("a", { href: spec.to(at) }, String(value)) : String(value);
  const rows = spec.series.map((one) => el("tr", {}, el("th", { scope: "row" }, one.name), ...one.values.map((value, at) => el("td", { class: "n num" }, figure(value, at)))));
  const grid = el("table", { class: "table table-sm" }, el("caption", { class: "visually-hidden" }, spec.title), el("thead", {}, head), el("tbody", {}, ...rows));
  return el("details", { class: "twin" }, el("summary", {}, word("chart_table")), el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": spec.title }, grid));
}

customElements.define("wm-chart", WmChart);
