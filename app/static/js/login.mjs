/** Sign-in: tells about caps lock, shows the password on demand, keeps paste as it is. */
import { word } from "./words.mjs";

const password = /** @type {HTMLInputElement} */ (document.getElementById("password"));
const reveal = /** @type {HTMLButtonElement} */ (document.getElementById("reveal"));
const caps = /** @type {HTMLElement} */ (document.getElementById("caps"));

/** @param {KeyboardEvent} event */
function tellCaps(event) {
  caps.textContent = event.getModifierState?.("CapsLock") ? word("caps") : "";
}

password.addEventListener("keydown", tellCaps);
password.addEventListener("keyup", tellCaps);
reveal.addEventListener("click", () => {
  const shown = password.type === "password";
  password.type = shown ? "text" : "password";
  reveal.setAttribute("aria-pressed", String(shown));
  password.focus();
});
document.getElementById("login")?.addEventListener("submit", () => {
  /** @type {HTMLButtonElement} */ (document.getElementById("submit")).disabled = true;
});
document.getElementById("login-error")?.focus();
