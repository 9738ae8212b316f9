/** The text and its facts: hovering or focusing one highlights the other. Links work without this. */

const spans = [...document.querySelectorAll("a.span")].map((span) => /** @type {HTMLAnchorElement} */ (span));
const facts = [...document.querySelectorAll(".cards > li")].map((fact) => /** @type {HTMLElement} */ (fact));

for (const span of spans) {
  const keys = (span.dataset.facts ?? "").split(" ");
  on(span, () => light(keys));
  span.addEventListener("click", (event) => {
    event.preventDefault();
    const fact = document.getElementById(keys[0]);
    light(keys, true);
    fact?.scrollIntoView({ block: "nearest", behavior: "auto" });
    fact?.focus({ preventScroll: true });
    history.replaceState(null, "", `#${keys[0]}`);
  });
}
for (const fact of facts) {
  on(fact, () => light([fact.id]));
  fact.querySelector("a.back")?.addEventListener("click", (event) => {
    event.preventDefault();
    const first = spans.find((span) => (span.dataset.facts ?? "").split(" ").includes(fact.id));
    light([fact.id], true);
    first?.scrollIntoView({ block: "center", behavior: "auto" });
    first?.focus({ preventScroll: true });
  });
}
addEventListener("hashchange", arrive);
arrive();

let pinned = false;

/**
 * @param {HTMLElement} element
 * @param {() => void} show
 */
function on(element, show) {
  element.addEventListener("pointerenter", () => pinned || show());
  element.addEventListener("focusin", show);
  element.addEventListener("pointerleave", () => pinned || light([]));
}

/**
 * Highlights only these facts and their evidence.
 * @param {string[]} keys
 * @param {boolean} [keep] until something else is chosen
 */
function light(keys, keep = false) {
  pinned = keep;
  for (const span of spans) span.classList.toggle("lit", (span.dataset.facts ?? "").split(" ").some((key) => keys.includes(key)));
  for (const fact of facts) fact.classList.toggle("lit", keys.includes(fact.id));
}

/** Highlights the fact in the address. */
function arrive() {
  const key = decodeURIComponent(location.hash.slice(1));
  if (facts.some((fact) => fact.id === key)) queueMicrotask(() => light([key], true));
}
