/** Talking to the server: CSRF, retry keys, errors that carry a sentence, patient retries. */
import { word } from "./words.mjs";

const csrf = /** @type {HTMLMetaElement|null} */ (document.querySelector("meta[name=csrf]"))?.content || "";
const PATIENCE = 5;

/** What the server refused, with its sentence for the user (`application/problem+json`). */
export class Problem extends Error {
  /**
   * @param {number} status 0 when no answer came
   * @param {{detail?: string, title?: string, code?: string, fields?: Record<string, string>, current?: any}} body
   */
  constructor(status, body) {
    super(body.detail || body.title || word("failed"));
    this.status = status;
    this.code = body.code || "";
    this.fields = body.fields || {};
    this.current = body.current || null;
  }
}

/** A retry key that stays while the form stays the same, and changes when the form does. */
export class RetryKey {
  #body = "";
  #key = "";

  /** @param {unknown} body */
  for(body) {
    const text = JSON.stringify(body);
    if (text !== this.#body || !this.#key) {
      this.#body = text;
      this.#key = uuid();
    }
    return this.#key;
  }

  /** Forget the key after a success, so that the same form sent on purpose is a new deed. */
  spend() {
    this.#key = "";
  }
}

/**
 * Call the server and return its JSON; retry a lost answer or 503 when that is harmless.
 * @param {string} method
 * @param {string} url
 * @param {{body?: unknown, key?: string, signal?: AbortSignal}} [options]
 * @returns {Promise<any>}
 * @throws {Problem}
 */
export async function call(method, url, { body, key, signal } = {}) {
  const harmless = method === "GET" || Boolean(key);
  for (let attempt = 1; ; attempt += 1) {
    const answer = await once(method, url, body, key, signal);
    if (answer?.ok) {
      tell("wm:answered", {});
      return answer.status === 204 ? null : answer.json();
    }
    const again = harmless && attempt < PATIENCE && (!answer || answer.status === 503);
    if (answer?.status === 401) tell("wm:signed-out", {});
    if (!again) throw await problem(answer);
    tell("wm:retry", { attempt });
    await pause(answer, attempt);
  }
}

/**
 * Send one photo and return `{id, …}`, reporting progress in percent.
 * @param {File} file
 * @param {(percent: number) => void} onProgress
 * @param {{lon: number, lat: number, accuracy_m: number}|null} [fix] where the device is
 * @returns {Promise<{id: string|number}>}
 */
export function sendPhoto(file, onProgress, fix = null) {
  const form = new FormData();
  form.append("file", file);
  if (fix) for (const name of /** @type {const} */ (["lon", "lat", "accuracy_m"])) form.append(name, String(fix[name]));
  return new Promise((resolve, reject) => {
    // fetch cannot report how much of an upload is done, XMLHttpRequest can.
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/photos");
    request.responseType = "json";
    request.setRequestHeader("X-CSRF-Token", csrf);
    request.setRequestHeader("Idempotency-Key", uuid());
    request.upload.onprogress = (event) => onProgress(Math.round((100 * event.loaded) / event.total));
    request.onerror = () => reject(new Problem(0, { detail: word("unreachable") }));
    request.onload = () =>
      request.status === 201 ? resolve(request.response) : reject(new Problem(request.status, request.response || {}));
    request.send(form);
  });
}

/** Return a random UUID, also on plain http where `crypto.randomUUID` is missing. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * @param {string} method @param {string} url @param {unknown} body
 * @param {string|undefined} key @param {AbortSignal|undefined} signal
 * @returns {Promise<Response|null>} null when no answer came
 */
async function once(method, url, body, key, signal) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  if (key) headers["Idempotency-Key"] = key;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    return await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal });
  } catch (fault) {
    if (signal?.aborted) throw fault;
    return null;
  }
}

/** @param {Response|null} answer */
async function problem(answer) {
  if (!answer) return new Problem(0, { detail: word("unreachable") });
  const body = await answer.json().catch(() => ({}));
  return new Problem(answer.status, body);
}

/** @param {Response|null} answer @param {number} attempt */
function pause(answer, attempt) {
  const told = Number(answer?.headers.get("Retry-After"));
  const seconds = told > 0 ? Math.min(told, 30) : Math.min(2 ** (attempt - 1), 8);
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** @param {string} name @param {object} detail */
function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}
