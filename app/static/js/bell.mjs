/** The bell in the bar: how many notices are unread, fresh a moment after anything happened. */
import { call } from "./api.mjs";
import { word } from "./words.mjs";

// Notices are made from the feed, so they come a moment after it.
const LATER_MS = 3000;
const AGAIN_MS = 60_000;
let waiting = 0;

/** Keep the bell true, woken by `feed`. @param {EventTarget} feed */
export function bell(feed) {
  if (!document.getElementById("bell")) return;
  read();
  setInterval(read, AGAIN_MS);
  feed.addEventListener("items", readSoon);
  document.addEventListener("wm:notices", read);
}

function readSoon() {
  if (waiting) return;
  waiting = setTimeout(() => {
    waiting = 0;
    read();
  }, LATER_MS);
}

async function read() {
  if (document.hidden) return;
  try {
    show((await call("GET", "/api/v1/notices?limit=0")).unread);
  } catch {
    // The bar for a lost connection says so already.
  }
}

/** @param {number} unread */
function show(unread) {
  const count = document.getElementById("bell-count");
  if (!count) return;
  count.hidden = unread === 0;
  count.textContent = unread > 99 ? "99+" : String(unread);
  document.getElementById("bell")?.setAttribute("aria-label", unread ? word("bell", { n: count.textContent }) : word("bell_none"));
}
