/** The user's words: texts rendered by the server, filled in here. */

/** @type {Record<string, string>} */
const words = JSON.parse(document.getElementById("words")?.textContent || "{}");

/**
 * Return the text of `key` with its `{names}` filled.
 * @param {string} key
 * @param {Record<string, unknown>} [facts]
 */
export function word(key, facts = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(facts[name] ?? whole));
}

/**
 * Build an element: attributes by name, children as nodes or text.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] `on…` adds a listener, true/false sets or leaves out.
 * @param {...(Node|string|null|undefined)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, String(value));
  }
  node.append(...children.filter((child) => child != null).map((child) => /** @type {Node|string} */ (child)));
  return node;
}

let serial = 0;

/** Return an id no other element of the page has. @param {string} prefix */
export function uid(prefix) {
  serial += 1;
  return `${prefix}-${serial}`;
}

/** @type {Record<string, string>} */
export const lampShapes = { normal: "●", soon: "▲", overdue: "◆", paused: "❚❚", none: "○" };

/**
 * Read the JSON data block `id` the server wrote into the page.
 * @param {string} id
 */
export function data(id) {
  return JSON.parse(document.getElementById(id)?.textContent || "null");
}
