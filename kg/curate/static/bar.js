/** The bar above and the line below: where one is, how far one has come, what can be done next. */

import { addressOf } from "./api.js";
import { act } from "./act.js";
import { by, clock, counted, h, icon, kbd } from "./dom.js";
import { labelOf } from "./fields.js";
import { chosenWords, coverage, isWrong, state } from "./state.js";

const MOST_MARKS = 60;

/** Draws the head of the bar. */
export function drawBar() {
  const { article } = state;
  document.title = `${article.title} · Bench`;
  by("where").replaceChildren(h("a", { href: addressOf("") }, article.project), article.where ? ` · ${article.where}` : "");
  by("title").textContent = article.title;
  by("pair").replaceChildren(
    h("button", { class: "icon", "aria-label": `Undo ${article.undo} (Ctrl Z)`, disabled: !article.can.undo, onclick: () => act.undo() }, icon("undo")),
    h("button", { class: "icon", "aria-label": `Redo ${article.redo} (Ctrl Shift Z)`, disabled: !article.can.redo, onclick: () => act.redo() }, icon("redo")),
    h("button", { class: "icon help", "aria-label": "All keys (?)", onclick: () => act.help() }, icon("help")),
  );
  const isReview = state.view === "review";
  by("ways").replaceChildren(h("button", { onclick: () => act.view(isReview ? "facts" : "review") }, isReview ? "Bench" : "Review"));
  drawProgress();
  drawTabs();
}

function drawProgress() {
  const marks = coverage();
  const has = marks.filter(Boolean).length;
  const findings = state.article.findings.filter(isWrong).length;
  const drafts = state.article.facts.filter((/** @type {any} */ fact) => fact.status === "Draft").length;
  const named = (/** @type {string} */ mark) => marks.flatMap((each, k) => (each === mark ? [k + 1] : [])).join(", ") || "none";
  const label = `Sentences without a fact: ${named("")}; with a finding: ${named("bad")}; you are at ${state.here + 1}`;
  by("progress").replaceChildren(
    marks.length ? h("div", { class: "strip", role: "img", "aria-label": label }, strip(marks)) : "",
    h("p", { class: "tell" },
      h("span", {}, marks.length ? `${has} of ${counted(marks.length, "sentence")}` : "no text"),
      findings ? h("button", { class: "link bad", onclick: () => act.nextFinding() }, counted(findings, "finding")) : null,
      drafts ? h("button", { class: "link", onclick: () => act.nextDraft() }, counted(drafts, "draft")) : null),
  );
}

/** One mark for each sentence; of a long text, one for several. @param {string[]} marks */
function strip(marks) {
  const size = Math.ceil(marks.length / MOST_MARKS);
  const made = [];
  for (let k = 0; k < marks.length; k += size) {
    const some = marks.slice(k, k + size);
    const look = some.includes("bad") ? "bad" : some.every(Boolean) ? "has" : some.some(Boolean) ? "part" : "";
    made.push(h("i", { class: `${look}${state.here >= k && state.here < k + size ? " now" : ""}` }));
  }
  return made;
}

function drawTabs() {
  const tab = document.body.dataset.tab;
  const entry = (/** @type {string} */ name, /** @type {any} */ ...label) =>
    h("button", { "aria-current": name === tab ? "true" : null, onclick: () => act.tab(name) }, ...label);
  const isNew = state.view === "form" || state.view === "choose";
  by("tabs").replaceChildren(
    entry("text", "Text"),
    entry("facts", isNew ? "Fact" : state.view === "review" ? "Changes" : "Facts", " ", isNew || state.view === "review" ? "" : h("small", {}, String(state.article.facts.length))));
}

const SAVED = {
  saved: ["ok", "", "Saved"],
  kept: ["draft", "kept", "Kept"],
  away: ["draft", "kept", "No server since"],
  changed: ["bad", "lost", "File changed"],
};

/** Says where one's work is: four words, one meaning each. @param {"saved" | "kept" | "away" | "changed"} how */
export function drawSaved(how) {
  const [sign, look, word] = SAVED[how];
  const at = how === "changed" ? "" : clock();
  by("saved").className = `saved ${look}`;
  by("saved").replaceChildren(icon(sign), h("span", { class: "word" }, word, at ? h("span", { class: "at" }, ` ${at}`) : ""));
}

/** @param {any[]} hints pairs of keys and what they do */
const hints = (hints) => h("p", { class: "end" }, hints.map(([keys, what, wide]) => h("span", { class: `hint ${wide ? "wide" : ""}` }, keys.map(kbd), ` ${what}`)));

/** Draws the line of keys for what can be done next. */
export function drawKeys() {
  by("keys").replaceChildren(...lines());
  by("keys").hidden = false;
}

function lines() {
  if (state.view === "form") return formLine();
  if (state.view === "choose") return [h("p", { class: "what" }, h("b", {}, counted(wordCount(), "word")), " selected"), hints([[["↑", "↓"], "move", true], [["Enter"], "take it"], [["Alt"], "with its letter: at once", true], [["Esc"], "let go"]])];
  if (state.view === "proposals") return [h("p", { class: "what" }, h("b", {}, counted((state.proposals ?? []).filter((each) => !each.done).length, "proposal")), " left"), hints([[["J", "K"], "next, previous"], [["A"], "accept"], [["C"], "change"], [["X"], "refuse"], [["Ctrl", "Z"], "undo", true]])];
  if (state.view === "review") return act.reviewLine();
  if (state.chosen) return chosenLine();
  return [h("p", { class: "what" }, "Select words in the text, or a sentence by its number"), hints([[["→"], "by word", true], [["N"], "next bare sentence"], [["F8"], "next finding", true], [["?"], "all keys"]])];
}

const wordCount = () => chosenWords().split(" ").filter(Boolean).length;

function chosenLine() {
  const { meant } = state;
  const often = meant && meant.times > 1;
  const kinds = (meant?.kinds ?? []).slice(0, 2);
  return [
    often
      ? h("p", { class: "what" }, h("b", { class: "is-bad" }, `${meant.times} times`), " in the text; take in a neighbouring word")
      : h("p", { class: "what" }, h("b", {}, counted(wordCount(), "word")), " selected"),
    h("div", { class: "kinds" },
      often && meant.unique ? h("button", { onclick: () => act.chooseUnique() }, `“${shortened(meant.unique.words)}”`) : null,
      kinds.map((/** @type {string} */ name) => h("button", { onclick: () => act.startForm(name) }, act.kindLabel(name), " ", kbd(act.letter(name)))),
      h("button", { class: "primary", onclick: () => act.view("choose") }, "All kinds ", kbd("Enter"))),
    hints([[["Shift", "→"], "one word more", true], [["N"], "next bare sentence", true], [["Esc"], "let go"], [["?"], "all keys"]]),
  ];
}

/** @param {string} text */
const shortened = (text) => (text.length > 60 ? `${text.slice(0, 28)} … ${text.slice(-28)}` : text);

/** Names the fields that bar a form though nothing is shown at them yet. @param {any} form */
function incomplete(form) {
  const labels = new Set(form.hiddenFields().map((/** @type {any} */ field) => labelOf(field.key)));
  return labels.size ? `Not complete yet: ${[...labels].join(", ")}` : "Not complete yet";
}

function formLine() {
  const { form } = state;
  const wrong = form.shown().length;
  const count = h("b", { class: form.isBarred ? "is-bad" : "" }, counted(wrong, "finding"));
  const message = form.isBarred ? (wrong ? [count, " to mend first; what you typed is kept"] : [incomplete(form), "; what you typed is kept"]) : wrong ? [count] : [];
  return [
    h("div", { class: "kinds" },
      h("button", { class: "primary", onclick: () => act.saveForm() }, "Save fact ", kbd("Ctrl Enter")),
      h("button", { class: "quiet", onclick: () => act.discardForm() }, "Discard"),
      state.chosen && form.takesWords && !form.quotes.includes(chosenWords()) ? h("button", { onclick: () => form.addQuote() }, "Add these words ", kbd("Alt Q")) : null),
    h("p", { class: "what", role: "status" }, ...message),
    h("p", { class: "end" }, h("span", { class: "hint wide definition" }, h("b", { class: "is-blue" }, form.focused.label), " ", form.focused.definition), h("span", { class: "hint" }, kbd("F8"), " next finding")),
  ];
}
