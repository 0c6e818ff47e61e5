/**
 * The live feed of this page: a socket that says "there is something after N", a replay that reads
 * it, and polling when the socket is away. Nothing is lost: what counts is the number, not the push.
 *
 * Events on `feed`: `items` (detail: feed items, oldest first), `state` (detail: live|polling|offline).
 */
import { call } from "./api.mjs";

const SOCKET = "../vendor/socket.io-client/socket.io.esm.min.js";
const POLL_MS = 15_000;
const RECONNECT_MS = 5_000;
const PAGE = 200;
// A number beyond the end is answered with the end: from there this page follows on.
const END = Number.MAX_SAFE_INTEGER;

class Feed extends EventTarget {
  #last = -1;
  #head = -1;
  #reading = false;
  #again = false;
  #started = false;
  /** @type {"live"|"polling"|"offline"} */
  state = "polling";
  /** When the server was last heard, in milliseconds since the epoch. */
  heard = Date.now();

  /** Begin following; calling it again changes nothing. */
  async start() {
    if (this.#started) return;
    this.#started = true;
    setInterval(() => this.state !== "live" && this.read(), POLL_MS);
    addEventListener("online", () => this.read());
    addEventListener("offline", () => this.#become("offline"));
    await this.read();
    await this.#listen();
  }

  /** Read everything after the last number seen, page by page. */
  async read() {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#again) {
        this.#again = false;
        await this.#readPage();
      }
    } catch {
      this.#become("offline");
    } finally {
      this.#reading = false;
    }
  }

  async #readPage() {
    const first = this.#last < 0;
    const page = await call("GET", `/api/v1/feed?after=${first ? END : this.#last}`);
    this.heard = Date.now();
    if (this.state === "offline") this.#become("polling");
    const full = !first && page.last - this.#last >= PAGE;
    this.#last = page.last;
    this.#again ||= full || this.#last < this.#head;
    // After a reset there are no items, but every list is to be read afresh.
    if (!first && (page.items.length || page.reset)) this.dispatchEvent(new CustomEvent("items", { detail: page.items }));
  }

  async #listen() {
    const { io } = await import(SOCKET);
    // Websocket only: long polling cannot work with several web processes behind one address.
    const socket = io("/live", { transports: ["websocket"], reconnectionDelayMax: RECONNECT_MS });
    socket.on("connect", () => {
      this.#become("live");
      this.read();
    });
    socket.on("feed", (/** @type {{last: number}} */ word) => {
      this.heard = Date.now();
      this.#head = word.last;
      if (word.last > this.#last) this.read();
    });
    socket.on("disconnect", () => this.#become(navigator.onLine ? "polling" : "offline"));
  }

  /** @param {"live"|"polling"|"offline"} state */
  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}

export const feed = new Feed();
