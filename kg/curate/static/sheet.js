/** On a small screen: what one sentence says, on a sheet below the text, to read, to mend, and to add to. */

import { act } from "./act.js";
import { by, h, icon } from "./dom.js";
import { line } from "./facts.js";
import { state } from "./state.js";

export const ONE_PANE = "(max-width: 56rem)"; // as in bench.css
let isOpen = false;

/** Opens the sheet of the current sentence, or shuts it. @param {boolean} open */
export function openSheet(open) {
  isOpen = open;
  drawSheet();
}

/** Draws the sheet, if it is open and the text is what is shown. */
export function drawSheet() {
  const sheet = by("sheet");
  sheet.hidden = !isOpen || !matchMedia(ONE_PANE).matches || document.body.dataset.tab !== "text" || state.view !== "facts";
  if (sheet.hidden) return;
  const [number, count] = [state.here, state.sentences.length];
  const facts = state.bySentence[number] ?? [];
  sheet.setAttribute("aria-label", `Sentence ${number + 1}`);
  sheet.replaceChildren(
    h("div", { class: "sheet-head" },
      h("button", { class: "icon", "aria-label": "The sentence before", disabled: number === 0, onclick: () => act.sentence(number - 1) }, icon("back")),
      h("h2", {}, `Sentence ${number + 1} `, h("small", {}, `of ${count}`)),
      h("button", { class: "icon", "aria-label": "The next sentence", disabled: number + 1 === count, onclick: () => act.sentence(number + 1) }, icon("next"))),
    facts.length ? h("ul", {}, facts.map(line)) : h("p", { class: "faint" }, "No fact rests on this sentence."),
    h("div", { class: "do" }, h("button", { class: "primary", onclick: () => act.view("choose") }, "New fact"),
      state.article.can.undo ? h("button", { onclick: () => act.undo() }, "Undo") : null,
      h("button", { class: "quiet", onclick: () => act.letGo() }, "Close")));
}
