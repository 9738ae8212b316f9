/** All keys in one place, one's own letter for each kind, and single letters switched off. */

import { by, h, kbd } from "./dom.js";
import { giveLetters, keep, kept, labelOf, letterOf, setLetter } from "./kinds.js";
import { state } from "./state.js";

const OFF = "kg-no-letters";
const KEYS = [
  ["In the text", [["→ ←", "the next word, the one before"], ["Shift → ←", "one word more, one less"], ["Ctrl → ←", "the next sentence, the one before"], ["N", "the next sentence without a fact"], ["Enter", "the kinds of fact"], ["a letter", "a kind of fact"], ["Esc", "let go"]]],
  ["In lists", [["J K", "next, previous"], ["A", "accept"], ["B", "send back"], ["C", "change"], ["X", "refuse, remove"]]],
  ["Everywhere", [["F8", "the next finding"], ["F6", "the next region"], ["Ctrl Enter", "save"], ["Alt Q", "add the selected words to the open fact"], ["Ctrl K", "another kind"], ["Ctrl Z", "undo"], ["Ctrl Shift Z", "redo"], ["?", "this list"]]],
];

/** Whether single letters are commands (WCAG 2.1.4). */
export const hasLetters = () => !kept(OFF, false);

/** Opens the list of keys. */
export function help() {
  const dialog = by("all-keys");
  const off = h("input", { type: "checkbox", onchange: (/** @type {any} */ event) => keep(OFF, !event.target.checked) });
  off.checked = hasLetters();
  dialog.replaceChildren(h("form", { method: "dialog" },
    h("div", { class: "panel-head" }, h("h2", { id: "help-title" }, "Keys"), h("button", { class: "quiet small close" }, "Close ", kbd("Esc"))),
    h("div", { class: "help-groups" }, KEYS.map(([title, keys]) => h("section", {}, h("h3", {}, String(title)), h("dl", {}, /** @type {string[][]} */ (keys).map(([key, what]) => h("div", {}, h("dt", {}, key.split(" ").map(kbd)), h("dd", {}, what))))))),
    h("label", { class: "check" }, off, "Single letters are commands"),
    state.forms ? h("details", {}, h("summary", {}, "A letter for each kind of fact"), h("div", { class: "letters" }, state.forms.kinds.map((/** @type {string} */ name) =>
      h("label", {}, labelOf(name), h("input", { maxlength: 1, value: letterOf(name), onchange: (/** @type {any} */ event) => { setLetter(name, event.target.value.toLowerCase()); giveLetters(); event.target.value = letterOf(name); } }))))) : ""));
  dialog.showModal();
}
