/** The ranking: its drawings and forms; an object's name opens its computation. */
import "./elements/appeal.mjs";
import "./elements/hours.mjs";
import "./elements/outside.mjs";
import "./elements/sign.mjs";
import "./elements/take.mjs";
import "./elements/trend.mjs";

// The map's library is large: it comes only where there is a map, after who listens to it.
if (document.querySelector("wm-atlas")) {
  await import("./elements/atlas.mjs");
  await import("./elements/map.mjs");
}

function openComputation() {
  const place = location.hash.startsWith("#how-") ? document.getElementById(location.hash.slice(1)) : null;
  if (!(place instanceof HTMLDetailsElement)) return;
  place.open = true;
  place.querySelector("summary")?.focus();
}

addEventListener("hashchange", openComputation);
openComputation();
