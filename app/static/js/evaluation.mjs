/** The ranking: a month is shown as soon as it is chosen, a department's name opens its computation. */

const period = /** @type {HTMLSelectElement|null} */ (document.getElementById("period"));
period?.addEventListener("change", () => period.form?.requestSubmit());

function openComputation() {
  const place = location.hash.startsWith("#how-") ? document.getElementById(location.hash.slice(1)) : null;
  if (!(place instanceof HTMLDetailsElement)) return;
  place.open = true;
  place.querySelector("summary")?.focus();
}

addEventListener("hashchange", openComputation);
openComputation();
