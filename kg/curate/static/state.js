/** What the page knows: the article as the file has it, what is selected, and which view is open. One object. */

import { Words } from "./words.js";

/**
 * @typedef {{id: string, type: string, kind: string, says: string, more: string, status: string, spans: number[][], tree: any}} Fact
 * @typedef {{block: string, fact: string, path: (string|number)[], severity: string, code: string, message: string, fix: string, instead: string, choices: [string, string][], line: number}} Finding
 */

export const state = {
  /** @type {any} */ article: null,
  /** @type {any} */ forms: null,
  /** @type {Words} */ words: new Words("", ""),
  /** @type {{start: number, end: number}[]} sentences in code units */ sentences: [],
  /** @type {any[][]} the facts that rest on each sentence */ bySentence: [],
  /** @type {{start: number, end: number} | null} chosen words in code units */ chosen: null,
  /** @type {any} what the server says of the chosen words */ meant: null,
  /** @type {number} number of the sentence that is current, from 0 */ here: 0,
  /** @type {string} the fact that is current */ fact: "",
  /** @type {string} */ view: "facts",
  /** @type {"sentence" | "kind"} */ group: "sentence",
  /** @type {any[] | null} */ proposals: null,
  /** @type {Set<string>} the facts that a review shows as changed */ changed: new Set(),
  /** @type {any} the form that is open */ form: null,
  /** Whether a form is on its way, so that keys pressed meanwhile are no commands. */ isOpening: false,
};

/** Takes an article from the server. @param {any} article */
export function take(article) {
  const isSameText = state.article && state.article.text === article.text;
  state.article = article;
  if (!isSameText) {
    state.words = new Words(article.text, article.language);
    state.chosen = null;
  }
  const units = (/** @type {number[]} */ [start, end]) => ({ start: state.words.unit(start), end: state.words.unit(end) });
  state.sentences = article.sentences.map(units);
  for (const fact of article.facts) fact.ranges = fact.spans.map(units);
  for (const fact of article.facts) {
    fact.findings = article.findings.filter((/** @type {Finding} */ each) => each.fact === fact.id);
    fact.sentences = sentencesOf(fact.ranges);
    fact.home = fact.sentences.length ? fact.sentences[0] : -1;
  }
  state.bySentence = state.sentences.map(() => []);
  for (const fact of article.facts) for (const number of fact.sentences) state.bySentence[number].push(fact);
}

/** The numbers of the sentences that ranges touch. @param {{start: number, end: number}[]} ranges */
export function sentencesOf(ranges) {
  const numbers = new Set();
  for (const { start, end } of ranges)
    for (let number = sentenceAt(start); number < state.sentences.length && state.sentences[number].start < end; number += 1)
      numbers.add(number);
  return [...numbers].sort((a, b) => a - b);
}

/** The number of the sentence at a place, or of the next one. @param {number} unit */
export function sentenceAt(unit) {
  let [low, high] = [0, state.sentences.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (state.sentences[middle].end <= unit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sentence -> "has", "bad" or "". */
export function coverage() {
  const marks = state.sentences.map(() => "");
  for (const fact of state.article.facts)
    for (const number of fact.sentences)
      if (marks[number] !== "bad") marks[number] = fact.findings.some(isWrong) ? "bad" : "has";
  return marks;
}

/** @param {Finding} finding */
export const isWrong = (finding) => finding.severity !== "info";

/** @param {string} name */
export const classOf = (name) => state.forms.classes[name];

/** @param {string} id @returns {Fact | undefined} */
export const factOf = (id) => state.article.facts.find((/** @type {Fact} */ each) => each.id === id);

/** The name of an entity or a fact, its id if it has none. @param {string} id */
export function nameOf(id) {
  const fact = state.article?.facts.find((/** @type {Fact} */ each) => each.id === id);
  return state.article?.names[id] ?? (fact ? plain(fact.tree.name ?? fact.tree.title ?? fact.says) : id);
}

/** The chosen words. */
export const chosenWords = () =>
  state.chosen ? state.words.text.slice(state.chosen.start, state.chosen.end).replace(/\s+/gu, " ") : "";

/** A name as text: of a table of languages the first. @param {any} value @returns {string} */
export const plain = (value) => (typeof value === "string" ? value : Array.isArray(value) ? plain(value[0] ?? "") : plain(Object.values(value ?? {})[0] ?? ""));
