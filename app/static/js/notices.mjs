/** The page of notices: marking one as read where it stands. */
import { call, uuid } from "./api.mjs";
import "./elements/send.mjs";

/** @param {HTMLElement} button */
async function markRead(button) {
  const row = /** @type {HTMLElement} */ (button.closest("li"));
  await call("POST", "/api/v1/notices/read", { body: { ids: [Number(row.dataset.id)] }, key: uuid() });
  row.classList.remove("unread");
  button.remove();
  document.dispatchEvent(new CustomEvent("wm:notices"));
  document.getElementById("main")?.focus();
}

document.getElementById("notices")?.addEventListener("click", (event) => {
  const button = /** @type {Element} */ (event.target).closest("[data-read]");
  if (button instanceof HTMLElement) markRead(button);
});
