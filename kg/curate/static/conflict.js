/** A fact that was changed here and by someone else: yours, theirs, and between them the article's words. */

import { act } from "./act.js";
import { by, h } from "./dom.js";
import { isTable } from "./fields.js";
import { nameOf, state } from "./state.js";

/** @param {any} form @param {any} theirs what the file says now, null if the fact is gone */
export function drawConflict(form, theirs) {
  const pane = by("facts");
  pane.setAttribute("aria-label", "Changed on both sides");
  const yours = form.edit.now ?? {};
  const keys = [...new Set([...Object.keys(yours), ...Object.keys(theirs ?? {})])];
  const file = state.article.path.split("/").at(-1);
  pane.replaceChildren(h("div", { class: "panel", id: "conflict" }, h("h2", {}, "Someone else changed this fact"),
    h("p", { class: "lead-in", role: "status" }, h("b", {}, file), ` was changed outside this bench. Other changes were merged; '${form.id || form.block}' was ${theirs ? "changed" : "removed"} there too. Nothing was overwritten.`),
    h("div", { class: "scroll" }, h("table", {}, h("caption", { class: "unseen" }, "One fact, changed twice"), h("thead", {}, h("tr", {}, h("td"), h("th", { scope: "col" }, "Yours"), h("th", { scope: "col" }, "Theirs"))),
      h("tbody", {}, keys.map((key) => { const [one, other] = [inWords(yours[key]), inWords(theirs?.[key])]; const differs = one !== other; return h("tr", {}, h("th", { scope: "row" }, key), h("td", { dir: "auto" }, differs ? h("b", {}, one) : one), h("td", { dir: "auto" }, differs ? h("b", {}, other) : other)); })))),
    h("p", { class: "words-of" }, form.quotes.map((/** @type {string} */ quote) => [h("span", { class: "span", dir: "auto" }, quote), " "])),
    h("p", { class: "row-of" }, h("button", { class: "small primary", id: "mine", onclick: () => act.keepMine(form, theirs) }, "Keep yours"), h("button", { class: "small", onclick: () => act.takeTheirs() }, "Take theirs"))));
  by("mine").focus();
}

/** @param {any} value @returns {string} */
function inWords(value) {
  if (value === undefined) return "";
  if (typeof value === "string") return nameOf(value);
  if (Array.isArray(value)) return value.map(inWords).join("; ");
  return isTable(value) ? Object.values(value).map(inWords).join(", ") : "";
}
