/** Where this phone is: watched only while the app is open and its user agreed; sent in batches. */
import { call, uuid } from "../api.mjs";
import { WmPhotos } from "../elements/photos.mjs";

const AGREED = "wm-track";
const EVERY_MS = 60_000;
const FRESH_MS = 120_000;
const MOST = 500;

/** @typedef {{lon: number, lat: number, accuracy_m: number, at: string}} Fix */

/** @type {Fix[]} */
let waiting = [];
/** @type {Fix|null} */
let last = null;
/** @type {number|null} */
let watch = null;
let timer = 0;

/** @param {GeolocationPosition} found */
function keep({ coords, timestamp }) {
  last = { lon: coords.longitude, lat: coords.latitude, accuracy_m: Math.round(coords.accuracy), at: new Date(timestamp).toISOString() };
  waiting = [...waiting, last].slice(-MOST);
}

async function send() {
  if (!waiting.length) return;
  const fixes = waiting;
  waiting = [];
  try {
    await call("POST", "/api/v1/positions", { body: { fixes }, key: uuid() });
  } catch {
    // Kept for the next round: a phone without a connection must not lose its track.
    waiting = [...fixes, ...waiting].slice(-MOST);
  }
}

/** Begin or end watching the position. @param {boolean} on */
function follow(on) {
  localStorage.setItem(AGREED, on ? "yes" : "no");
  if (on && watch === null && navigator.geolocation) {
    watch = navigator.geolocation.watchPosition(keep, () => {}, { enableHighAccuracy: true, maximumAge: 15_000 });
    timer = setInterval(send, EVERY_MS);
  } else if (!on && watch !== null) {
    navigator.geolocation.clearWatch(watch);
    clearInterval(timer);
    watch = last = null;
    waiting = [];
  }
}

/** @returns {Fix|null} the last position if its user agreed and it is not older than two minutes */
function lastFix() {
  return last && Date.now() - Date.parse(last.at) < FRESH_MS ? last : null;
}

WmPhotos.where = lastFix;
const box = /** @type {HTMLInputElement|null} */ (document.getElementById("track"));
if (box) {
  box.checked = localStorage.getItem(AGREED) === "yes";
  box.addEventListener("change", () => follow(box.checked));
}
if (localStorage.getItem(AGREED) === "yes") follow(true);
addEventListener("visibilitychange", () => document.hidden && send());
