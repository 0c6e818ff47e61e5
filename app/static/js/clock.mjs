/** What the city's clocks show (UTC+8), whatever zone this browser's machine is set to. */

const ZONE = "Asia/Shanghai";
const language = document.documentElement.lang;
const time = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
// Sweden writes dates as ISO 8601 does.
const date = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE });
const weekday = new Intl.DateTimeFormat(language, { timeZone: ZONE, weekday: "short" });

/** Return “18:05:09”. @param {Date} [at] */
export function clockTime(at = new Date()) {
  return time.format(at);
}

/** Return “18:05” of an ISO time, nothing of none. @param {string|null} iso */
export function hourMinute(iso) {
  return iso ? clockTime(new Date(iso)).slice(0, 5) : "";
}

/** Return the hour of the day, 0 to 23. @param {Date} [at] */
export function hourOfDay(at = new Date()) {
  return Number(clockTime(at).slice(0, 2));
}

/** Return “2026-11-22 周日”. @param {Date} [at] */
export function dayName(at = new Date()) {
  return `${date.format(at)} ${weekday.format(at)}`;
}
