/** Copies links and texts, offers the system's way of sharing, and keeps pages in lists of this browser. Without this
 * script, texts can be selected and links followed. */

import { save, savedIn, stored } from "./saved.js";

for (const link of document.querySelectorAll("a[data-copy]")) copiesLink(/** @type {HTMLAnchorElement} */ (link));
for (const text of document.querySelectorAll("[data-copied]")) offersCopy(/** @type {HTMLElement} */ (text));
for (const button of document.querySelectorAll("button[data-share]")) shares(/** @type {HTMLButtonElement} */ (button));
for (const button of document.querySelectorAll("button[data-save]")) saves(/** @type {HTMLButtonElement} */ (button));
showCount();

/** @param {HTMLAnchorElement} link */
function copiesLink(link) {
  link.addEventListener("click", async (event) => {
    if (!navigator.clipboard) return;
    event.preventDefault();
    await navigator.clipboard.writeText(link.href);
    says(link, "Copied");
  });
}

/** @param {HTMLElement} text */
function offersCopy(text) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent ?? "");
      says(button, "Copied");
    } catch {
      getSelection()?.selectAllChildren(text);
      says(button, "Selected: press Ctrl-C");
    }
  });
  (text.closest("pre") ?? text).after(button);
}

/** @param {HTMLButtonElement} button */
function shares(button) {
  if (!navigator.share) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const { share: url, title } = button.dataset;
    navigator.share({ url, title }).catch(() => {}); // whoever changes their mind has not shared
  });
}

/** @param {HTMLButtonElement} button */
function saves(button) {
  const { save: at = "", label = "", kind = "" } = button.dataset;
  const show = () => {
    const list = savedIn(at);
    button.textContent = list ? `Saved in “${list}”` : "Save";
    button.setAttribute("aria-pressed", String(Boolean(list)));
  };
  button.hidden = false;
  show();
  button.addEventListener("click", () => {
    save({ at, label, kind });
    show();
    showCount();
  });
}

/** Shows the link to the lists once something is in them. */
function showCount() {
  const count = stored().lists.reduce((sum, list) => sum + list.items.length, 0);
  for (const entry of document.querySelectorAll("[data-saved]")) {
    /** @type {HTMLElement} */ (entry).hidden = !count;
    const number = entry.querySelector("small");
    if (number) number.textContent = String(count);
  }
}

/**
 * @param {HTMLElement} element
 * @param {string} words
 */
function says(element, words) {
  const before = element.textContent;
  element.textContent = words;
  setTimeout(() => (element.textContent = before), 2000);
}
