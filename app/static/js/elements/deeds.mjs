/** What the small forms of the evaluation share: fields with labels, sending, the answer as a sentence. */
import { call, RetryKey } from "../api.mjs";
import { el, uid } from "../words.mjs";

/** Return what an element says of its ranking. @param {Element} element @param {string[]} names */
export function facts(element, names = ["objects", "object", "period", "level", "post", "scheme"]) {
  return Object.fromEntries(names.filter((name) => element.hasAttribute(name)).map((name) => [name, element.getAttribute(name)]));
}

/** A field with its label. @param {string} label @param {string} tag @param {Record<string, unknown>} attributes @param {...Node} children */
export function field(label, tag, attributes, ...children) {
  const id = uid("field");
  const look = tag === "select" ? "form-select" : "form-control";
  return el("div", { class: "field" }, el("label", { class: "form-label", for: id }, label), el(tag, { class: look, id, ...attributes }, ...children));
}

/**
 * A form that sends what is in it and tells the outcome.
 * @param {string} label of its button
 * @param {Node[]} inside
 * @param {(values: Record<string, string>) => {url: string, body: any}} request
 * @param {(answer: any) => string} told
 */
export function deed(label, inside, request, told) {
  const key = new RetryKey();
  const answer = el("p", { class: "small mb-0", role: "status" });
  const button = el("button", { class: "btn btn-primary" }, label);
  const send = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const values = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target))));
    const { url, body } = request(values);
    button.setAttribute("disabled", "");
    try {
      answer.textContent = told(await call("POST", url, { body, key: key.for(body) }));
      answer.className = "notice good small";
      key.spend();
    } catch (fault) {
      answer.textContent = /** @type {Error} */ (fault).message;
      answer.className = "notice bad small";
    }
    button.removeAttribute("disabled");
  };
  return el("form", { class: "deed", onsubmit: send }, ...inside, button, answer);
}

/** The options that the page wrote into the element. @param {Element} element */
export function options(element) {
  const inside = element.querySelector("template");
  return inside ? [inside.content.cloneNode(true)] : [];
}
