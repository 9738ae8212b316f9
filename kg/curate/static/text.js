/** The text: sentences with their marks, and the selection of words by mouse, touch and keys. */

import { by, h } from "./dom.js";
import { coverage, isWrong, sentenceAt, state } from "./state.js";
import { act } from "./act.js";

/** @type {HTMLElement[]} */
let sentences = [];

/** Draws the whole text. */
export function drawText() {
  const pane = by("text");
  const { text } = state.words;
  if (!text) {
    pane.replaceChildren(h("p", { class: "about" }, "The text of this article is not at hand, so words cannot be selected. Its facts are on the other side."));
    return;
  }
  const marks = coverage();
  sentences = state.sentences.map((_, number) => sentence(number, marks[number]));
  const running = h("div", { class: "running", lang: state.article.language, dir: "auto" });
  let paragraph = h("p");
  let end = 0;
  sentences.forEach((made, number) => {
    const gap = text.slice(end, state.sentences[number].start);
    if (number && gap.includes("\n\n")) {
      running.append(paragraph);
      paragraph = h("p");
    } else if (number) paragraph.append(/\s/.test(gap) ? " " : "");
    paragraph.append(made);
    end = state.sentences[number].end;
  });
  running.append(paragraph);
  pane.replaceChildren(running);
}

/** Draws some sentences again. @param {Iterable<number>} numbers */
export function drawSentences(numbers) {
  const marks = coverage();
  for (const number of numbers) {
    if (!sentences[number]) continue;
    const made = sentence(number, marks[number]);
    sentences[number].replaceWith(made);
    sentences[number] = made;
  }
}

/** @param {number} number @param {string} mark */
function sentence(number, mark) {
  const range = state.sentences[number];
  const state_ = number === state.here ? "now" : mark === "bad" ? "wrong" : "";
  const made = h("span", { class: "sentence", id: `t${number + 1}` }, h("sup", { class: state_, "data-number": number, title: `Select sentence ${number + 1}` }, String(number + 1)));
  const cuts = [...new Set([range.start, range.end, ...edges(number)])].filter((cut) => cut >= range.start && cut <= range.end);
  cuts.sort((a, b) => a - b);
  for (let k = 0; k + 1 < cuts.length; k += 1) made.append(piece(number, cuts[k], cuts[k + 1], mark));
  return made;
}

/** @param {number} number */
function* edges(number) {
  for (const fact of state.bySentence[number]) for (const each of fact.ranges) yield* [each.start, each.end];
  if (state.chosen) yield* [state.chosen.start, state.chosen.end];
  for (const each of offered()) yield* [each.start, each.end];
}

/** What proposals rest on, while they are shown. */
const offered = () => (state.view === "proposals" ? (state.proposals ?? []).map((each) => each.range) : []);

/** Whether the words of a fact are marked: a review shows those of changes alone. @param {any} fact */
const isShown = (fact) => state.view !== "review" || state.changed.has(fact.id);

/** @param {number} number @param {number} start @param {number} end @param {string} mark */
function piece(number, start, end, mark) {
  const covers = (/** @type {{start: number, end: number}} */ each) => each.start <= start && end <= each.end;
  const facts = state.bySentence[number].filter((fact) => isShown(fact) && fact.ranges.some(covers));
  const looks = [];
  if (facts.length) looks.push("span");
  else if (!mark && state.view !== "review") looks.push("bare");
  if (facts.some((fact) => fact.findings.some(isWrong))) looks.push("wavy");
  if (facts.some((fact) => fact.id === state.fact)) looks.push("lit");
  if (offered().some(covers)) looks.push("offered");
  if (state.chosen && covers(state.chosen)) looks.push("chosen");
  return h("span", { class: looks.join(" "), "data-start": start, "data-facts": facts.map((fact) => fact.id).join(" ") || null }, state.words.text.slice(start, end));
}

/** Chooses words, or lets go of them. @param {{start: number, end: number} | null} range */
export function choose(range) {
  const before = state.chosen;
  state.chosen = range;
  state.meant = null;
  const here = state.here;
  if (range) state.here = Math.min(sentenceAt(range.start), state.sentences.length - 1);
  const touched = new Set([here, state.here]);
  for (const each of [before, range])
    if (each) for (let k = sentenceAt(each.start); k < state.sentences.length && state.sentences[k].start < each.end; k += 1) touched.add(k);
  drawSentences(touched);
  if (range) sentences[state.here]?.querySelector(".chosen")?.scrollIntoView({ block: "nearest" });
  act.chosen();
}

/** Chooses a whole sentence. @param {number} number */
export function chooseSentence(number) {
  const range = state.sentences[Math.max(0, Math.min(number, state.sentences.length - 1))];
  if (range) choose({ ...range });
}

/** Goes by words: to the next one, or takes one more in. @param {number} by_ @param {boolean} more */
export function step(by_, more) {
  const all = state.words.all;
  if (!all.length) return;
  if (!state.chosen) {
    const start = state.sentences[state.here]?.start ?? 0;
    choose({ ...all[Math.min(state.words.after(start), all.length - 1)] });
    return;
  }
  const first = state.words.after(state.chosen.start);
  const last = Math.max(first, state.words.snapped(state.chosen.start, state.chosen.end) ? state.words.after(state.chosen.end - 1) : first);
  if (more) {
    const end = Math.max(first, Math.min(last + by_, all.length - 1));
    choose({ start: state.chosen.start, end: all[end].end });
  } else choose({ ...all[Math.max(0, Math.min((by_ > 0 ? last : first) + by_, all.length - 1))] });
}

/** Goes to the next sentence without a fact. */
export function nextBare() {
  const marks = coverage();
  const order = [...marks.keys()].map((k) => (k + state.here + 1) % marks.length);
  const next = order.find((number) => !marks[number]);
  if (next !== undefined) chooseSentence(next);
}

/** Follows the mouse and the touch screen. */
export function followText() {
  const pane = by("text");
  let turn = 0;
  pane.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.dataset.number !== undefined) {
      act.sentence(Number(target.dataset.number));
      return;
    }
    if (!getSelection()?.isCollapsed || event.detail > 1) return;
    const facts = target.dataset.facts?.split(" ") ?? [];
    if (facts.length) act.goToFact(facts[turn++ % facts.length]); // overlapping spans take turns
  });
  const taken = () => {
    const range = nativeRange(pane);
    const words = range && state.words.snapped(range.start, range.end);
    if (!words) return;
    getSelection()?.removeAllRanges();
    choose(words);
  };
  pane.addEventListener("mouseup", () => setTimeout(taken));
  let waiting = 0;
  document.addEventListener("selectionchange", () => {
    if (!matchMedia("(pointer: coarse)").matches) return;
    clearTimeout(waiting);
    waiting = setTimeout(taken, 700);
  });
}

/** What is selected in the pane, in code units of the text. @param {HTMLElement} pane */
function nativeRange(pane) {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  if (!pane.contains(range.commonAncestorContainer)) return null;
  const start = placeOf(range.startContainer, range.startOffset, false);
  const end = placeOf(range.endContainer, range.endOffset, true);
  return start === null || end === null || start >= end ? null : { start, end };
}

/** @param {Node} node @param {number} offset @param {boolean} isEnd */
function placeOf(node, offset, isEnd) {
  if (node.nodeType === Node.TEXT_NODE) {
    const piece_ = node.parentElement?.closest("[data-start]");
    if (piece_) return Number(/** @type {HTMLElement} */ (piece_).dataset.start) + offset;
  }
  const pieces = [.../** @type {NodeListOf<HTMLElement>} */ (by("text").querySelectorAll("[data-start]"))];
  const point = document.createRange();
  point.setStart(node, offset);
  const after = pieces.findIndex((each) => point.comparePoint(each, 0) >= 0);
  if (isEnd) {
    const last = after < 0 ? pieces.at(-1) : pieces[after - 1];
    return last ? Number(last.dataset.start) + (last.textContent?.length ?? 0) : null;
  }
  return after < 0 ? null : Number(pieces[after].dataset.start);
}
