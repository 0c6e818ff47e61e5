/**
 * `<wm-case-form case="uid" seen="3">` with its actions in a JSON block: what this person may do now.
 *
 * Draws a button per action and the form an action asks for; keeps typed answers through reloads,
 * lost connections and conflicts. Fires `wm:acted` {uid, action} after the server has taken the step,
 * `wm:moved` {uid} when it shows the actions of a newer state, `wm:outdated` {uid} when the rest is old.
 */
import { Problem, RetryKey, call } from "../api.mjs";
import { answersOf, field } from "../fields.mjs";
import { el, word } from "../words.mjs";

/** @typedef {import("../fields.mjs").Ask} Ask */
/** @typedef {{action: string, label: string, asks: Ask[]}} Action */

export class WmCaseForm extends HTMLElement {
  /** @type {Action[]} */
  #actions = [];
  #key = new RetryKey();
  #outdated = false;
  #bar = el("div", { class: "actions", role: "group", "aria-label": word("actions") });
  #place = el("div", { class: "action-place" });

  connectedCallback() {
    if (this.#bar.isConnected) return;
    this.#actions = JSON.parse(this.querySelector("script")?.textContent || "[]");
    this.append(this.#bar, this.#place);
    this.#drawBar();
    const open = sessionStorage.getItem(`${this.#draftName()}:open`);
    if (open && this.#action(open)) this.#open(/** @type {Action} */ (this.#action(open)), false);
  }

  /** True while someone has an action's form open: the page must not redraw it under their hands. */
  get busy() {
    return this.#place.childElementCount > 0;
  }

  /** Warn that someone else moved this case while the form is open. @param {any} now the case as it is now */
  overtaken(now) {
    const form = /** @type {HTMLFormElement|null} */ (this.#place.querySelector("form"));
    const action = this.#action(sessionStorage.getItem(`${this.#draftName()}:open`) || "");
    const own = form?.getAttribute("aria-busy") === "true";
    if (form && action && !own) this.#conflict(form, action, now);
  }

  #uid() {
    return this.getAttribute("case") || "";
  }

  #draftName() {
    return `wm-draft:${this.#uid()}`;
  }

  /** @param {string} name */
  #action(name) {
    return this.#actions.find((one) => one.action === name);
  }

  #drawBar() {
    if (!this.#actions.length) return this.#bar.replaceChildren(el("p", { class: "muted mb-0" }, word("no_actions")));
    const buttons = this.#actions.map((action, index) =>
      el("button", { type: "button", class: `btn ${index ? "btn-plain" : "btn-primary"}`, "data-action": action.action, "aria-expanded": "false",
        onclick: () => this.#open(action, true) }, action.label));
    this.#bar.replaceChildren(...buttons);
  }

  /** @param {Action} action @param {boolean} focus */
  #open(action, focus) {
    const fields = action.asks.map((ask) => field(ask, `${this.#uid()}-${ask.name}`));
    const submit = el("button", { class: "btn btn-primary", type: "submit" }, action.label, el("kbd", { class: "ms-2", "aria-hidden": "true" }, "Ctrl+⏎"));
    const back = el("button", { class: "btn btn-plain", type: "button", onclick: () => this.#close() }, word("cancel"));
    const form = /** @type {HTMLFormElement} */ (el("form", { class: "action-form", novalidate: true, "aria-label": action.label },
      el("h3", {}, action.label), el("div", { class: "told" }), ...fields, el("div", { class: "form-end" }, submit, back)));
    this.#bindForm(form, action);
    this.#place.replaceChildren(form);
    this.#bar.hidden = true;
    this.#restore(form);
    sessionStorage.setItem(`${this.#draftName()}:open`, action.action);
    if (focus) /** @type {HTMLElement|null} */ (form.querySelector("input, select, textarea, button"))?.focus();
  }

  /** @param {HTMLFormElement} form @param {Action} action */
  #bindForm(form, action) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(form, action);
    });
    form.addEventListener("input", () => this.#keep(form));
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
  }

  #close() {
    const name = sessionStorage.getItem(`${this.#draftName()}:open`);
    sessionStorage.removeItem(`${this.#draftName()}:open`);
    this.#place.replaceChildren();
    this.#bar.hidden = false;
    if (this.#outdated) this.dispatchEvent(new CustomEvent("wm:outdated", { bubbles: true, detail: { uid: this.#uid() } }));
    /** @type {HTMLElement|null} */ (this.#bar.querySelector(`[data-action="${name}"]`) || this.#bar.querySelector("button"))?.focus();
  }

  /** @param {HTMLFormElement} form */
  #keep(form) {
    const typed = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    sessionStorage.setItem(this.#draftName(), JSON.stringify(typed));
  }

  /** @param {HTMLFormElement} form */
  #restore(form) {
    /** @type {[string, string][]} */
    const typed = JSON.parse(sessionStorage.getItem(this.#draftName()) || "[]");
    for (const [name, value] of typed) {
      for (const input of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        const one = /** @type {HTMLInputElement} */ (input);
        if (one.type === "radio" || one.type === "checkbox") one.checked ||= one.value === value;
        else one.value = value;
      }
    }
  }

  /** @param {HTMLFormElement} form @param {Action} action */
  async #send(form, action) {
    const { answers, missing } = answersOf(form, action.asks);
    if (missing) return this.#complain(form, missing.text, missing.input);
    const body = { action: action.action, answers, seen: Number(this.getAttribute("seen")) };
    this.#wait(form, true);
    try {
      await call("POST", `/api/v1/cases/${this.#uid()}/steps`, { body, key: this.#key.for(body) });
      this.#done(action);
    } catch (fault) {
      this.#refused(form, action, /** @type {Problem} */ (fault));
    } finally {
      this.#wait(form, false);
    }
  }

  /** @param {Action} action */
  #done(action) {
    this.#key.spend();
    sessionStorage.removeItem(this.#draftName());
    sessionStorage.removeItem(`${this.#draftName()}:open`);
    this.#place.replaceChildren();
    this.dispatchEvent(new CustomEvent("wm:acted", { bubbles: true, detail: { uid: this.#uid(), action: action.action, label: action.label } }));
  }

  /** @param {HTMLFormElement} form @param {boolean} on */
  #wait(form, on) {
    const button = /** @type {HTMLButtonElement|null} */ (form.querySelector("[type=submit]"));
    if (button) button.disabled = on;
    form.setAttribute("aria-busy", String(on));
  }

  /** @param {HTMLFormElement} form @param {Action} action @param {Problem} fault */
  #refused(form, action, fault) {
    if (fault.status === 409) return this.#conflict(form, action, fault.current || {});
    const [name] = Object.keys(fault.fields);
    const input = name ? /** @type {HTMLElement|null} */ (form.querySelector(`[name="${CSS.escape(name)}"]`)) : null;
    this.#complain(form, Object.values(fault.fields)[0] || fault.message, input);
  }

  /** @param {HTMLFormElement} form @param {string} text @param {HTMLElement|null} input */
  #complain(form, text, input) {
    for (const old of form.querySelectorAll("[aria-invalid]")) old.removeAttribute("aria-invalid");
    const told = /** @type {HTMLElement} */ (form.querySelector(".told"));
    told.replaceChildren(el("p", { class: "notice bad", role: "alert" }, text));
    input?.setAttribute("aria-invalid", "true");
    input?.focus();
  }

  /** @param {HTMLFormElement} form @param {Action} action @param {any} now */
  #conflict(form, action, now) {
    const told = /** @type {HTMLElement} */ (form.querySelector(".told"));
    const take = el("button", { type: "button", class: "btn btn-plain", onclick: () => this.#takeCurrent(form, action) }, word("take_current"));
    told.replaceChildren(el("div", { class: "notice warn", role: "alert" },
      el("p", {}, el("strong", {}, word("conflict"))),
      el("dl", { class: "compare" }, el("dt", {}, word("yours")), el("dd", {}, action.label),
        el("dt", {}, word("current")), el("dd", {}, [now.state_label, now.department_name].filter(Boolean).join(" · "))),
      take));
    take.focus();
  }

  /** @param {HTMLFormElement} form @param {Action} action */
  async #takeCurrent(form, action) {
    try {
      const fresh = await call("GET", `/api/v1/cases/${this.#uid()}`);
      this.setAttribute("seen", String(fresh.seen));
      this.#actions = fresh.actions;
      this.#drawBar();
      this.dispatchEvent(new CustomEvent("wm:moved", { bubbles: true, detail: { uid: this.#uid() } }));
      if (this.#action(action.action)) form.querySelector(".told")?.replaceChildren();
      else this.#gone(form, action);
    } catch (fault) {
      this.#complain(form, /** @type {Error} */ (fault).message, null);
    }
  }

  /** @param {HTMLFormElement} form @param {Action} action */
  #gone(form, action) {
    this.#outdated = true;
    this.#complain(form, word("action_gone", { action: action.label }), null);
    this.#bar.hidden = false;
    /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]")).hidden = true;
  }
}

customElements.define("wm-case-form", WmCaseForm);
