/** Shared by all pages: suggestions while typing, evidence shown on hover, focus and tap, copying, sharing and saving. */

import { completes } from "./complete.js";
import "./sharing.js";

for (const input of document.querySelectorAll("input[data-complete]")) completes(input);
for (const details of document.querySelectorAll("details.evidence")) showsOnHoverAndFocus(details);

addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) {
    event.preventDefault();
    /** @type {HTMLInputElement | null} */ (document.getElementById("find"))?.focus();
  }
  if (event.key === "Escape") for (const open of document.querySelectorAll("details.evidence[open]")) close(open);
});
addEventListener("pointerdown", (event) => {
  for (const open of document.querySelectorAll("details.evidence[open]")) if (!open.contains(event.target)) close(open);
});

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

/**
 * Opens on hover and focus. A click or tap pins it open until the next one.
 * @param {HTMLDetailsElement} details
 */
function showsOnHoverAndFocus(details) {
  const summary = /** @type {HTMLElement} */ (details.querySelector("summary"));
  const line = details.closest("li, tr, h1") ?? details;
  let waiting = 0;
  let leaving = 0;
  summary.addEventListener("click", (event) => {
    event.preventDefault();
    if (details.dataset.pinned) close(details);
    else {
      details.dataset.pinned = "yes";
      open(details);
    }
  });
  summary.addEventListener("pointerenter", (event) => {
    if (event.pointerType === "mouse") waiting = setTimeout(() => open(details), 120);
  });
  details.addEventListener("pointerenter", () => clearTimeout(leaving));
  details.addEventListener("pointerleave", (event) => {
    clearTimeout(waiting);
    if (event.pointerType !== "mouse") return;
    leaving = setTimeout(() => { // time to reach the card, which may stand some way below
      if (!details.dataset.pinned && !details.matches(":focus-within")) details.open = false;
    }, 200);
  });
  summary.addEventListener("focus", () => {
    if (summary.matches(":focus-visible")) open(details);
  });
  details.addEventListener("focusout", (event) => {
    if (!details.contains(/** @type {Node | null} */ (event.relatedTarget))) close(details);
  });
  line.classList.add("has-evidence");
}

/** @param {HTMLDetailsElement} details */
function open(details) {
  for (const other of document.querySelectorAll("details.evidence[open]")) if (other !== details) close(other);
  details.open = true;
}

/** @param {Element} details */
function close(details) {
  details.removeAttribute("open");
  delete (/** @type {HTMLElement} */ (details).dataset.pinned);
}
