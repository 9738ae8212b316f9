/** The kinds of fact: their letters, and the list to choose from by name, by any word of a definition, or by section. */

import { act } from "./act.js";
import { by, capital, h, kbd, quoted } from "./dom.js";
import { chosenWords, classOf, state } from "./state.js";

const KEPT_LETTERS = "kg-letters";
const KEPT_LATELY = "kg-lately";
const TAKEN = "n"; // the next bare sentence

/** @param {string} name @param {any} otherwise */
export function kept(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "") ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** @param {string} name @param {any} value */
export function keep(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // a browser that keeps nothing: the server does
  }
}

/** @type {Map<string, string>} */
let letters = new Map();

/** Gives each kind a letter: one's own, else the first free one of its name. */
export function giveLetters() {
  const own = kept(KEPT_LETTERS, {});
  const taken = new Set([TAKEN, ...Object.values(own)]);
  letters = new Map(Object.entries(own).map(([name, letter]) => [name, String(letter)]));
  const first = (/** @type {string} */ name) => classOf(name).label.charAt(0).toLowerCase();
  for (const pick of [first, (/** @type {string} */ name) => classOf(name).label.toLowerCase() + "abcdefghijklmopqrstuvwxyz0123456789"])
    for (const name of state.forms.kinds) {
      const free = letters.has(name) ? "" : [...pick(name)].find((each) => /[a-z0-9]/.test(each) && !taken.has(each));
      if (!free) continue;
      taken.add(free);
      letters.set(name, free);
    }
}

/** @param {string} name */
export const letterOf = (name) => (letters.get(name) ?? "").toUpperCase();

/** @param {string} letter */
export const kindOf = (letter) => [...letters].find(([, each]) => each === letter.toLowerCase())?.[0];

/** @param {string} name @param {string} letter */
export function setLetter(name, letter) {
  const own = kept(KEPT_LETTERS, {});
  for (const [other, each] of Object.entries(own)) if (each === letter) delete own[other];
  if (letter && letter !== TAKEN) own[name] = letter;
  else delete own[name];
  keep(KEPT_LETTERS, own);
  giveLetters();
}

/** @param {string} name */
export const labelOf = (name) => (state.forms.classes[name] ? capital(classOf(name).label) : name);

/** @param {string} name */
export function noteUse(name) {
  keep(KEPT_LATELY, [name, ...kept(KEPT_LATELY, []).filter((/** @type {string} */ each) => each !== name)].slice(0, 3));
}

let section = "";

/** Draws the list of kinds, with the focus in its search. */
export function drawChoose() {
  const pane = by("facts");
  pane.setAttribute("aria-label", "Kinds of fact");
  const search = h("input", { id: "q", role: "combobox", "aria-expanded": "true", "aria-controls": "kinds", "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", placeholder: "Search by name or by any word of a definition", oninput: () => fill(), onkeydown: pressed });
  section = "";
  pane.replaceChildren(h("div", { class: "panel" },
    h("div", { class: "panel-head" }, h("h2", {}, "What do these words say?"), h("button", { class: "quiet small close", onclick: () => act.letGo() }, "Let go ", kbd("Esc"))),
    h("blockquote", { class: "words", dir: "auto" }, quoted(chosenWords())),
    h("div", { class: "search" }, h("label", { class: "unseen", for: "q" }, "Search the kinds of fact"), search),
    h("div", { class: "kindlist", id: "kinds", role: "listbox", "aria-label": "Kinds of fact" }),
    h("div", { class: "all", id: "sections" })));
  fill();
  search.focus({ preventScroll: true });
}

function fill() {
  const typed = by("q").value.trim().toLowerCase();
  const groups = typed ? [["Matching", matching(typed)]] : section ? [[capital(sectionLabel(section)), ofSection(section)]] : begun();
  by("kinds").replaceChildren(...groups.filter(([, names]) => names.length).map(([label, names]) =>
    h("ul", { role: "group", "aria-label": label }, names.map(option))));
  if (typed && !groups[0][1].length) by("kinds").replaceChildren(h("p", { class: "faint" }, "No kind has these words. Browse the sections below."));
  by("sections").replaceChildren(h("h3", {}, "All kinds, by section"), h("div", { class: "sections" },
    state.forms.sections.filter((/** @type {any} */ each) => ofSection(each.name).length).map((/** @type {any} */ each) =>
      h("button", { class: "plain", "aria-pressed": String(each.name === section), onclick: () => { section = section === each.name ? "" : each.name; by("q").value = ""; fill(); by("q").focus(); } }, capital(each.label), h("small", {}, String(ofSection(each.name).length))))));
  mark(0);
}

/** @returns {[string, string[]][]} */
function begun() {
  const likely = state.meant?.kinds ?? [];
  const lately = kept(KEPT_LATELY, []).filter((/** @type {string} */ name) => state.forms.kinds.includes(name) && !likely.includes(name));
  const usual = likely.length || lately.length ? [] : state.forms.kinds.slice(0, 6);
  return [["Likely here", likely], ["You used lately", lately], ["Most used", usual]];
}

/** @param {string} name */
const ofSection = (name) => state.forms.kinds.filter((/** @type {string} */ each) => classOf(each).section === name);

/** @param {string} name */
const sectionLabel = (name) => state.forms.sections.find((/** @type {any} */ each) => each.name === name).label;

/** Kinds by name first, then by any word of their definition or of their fields. @param {string} typed */
function matching(typed) {
  const words = typed.split(/\s+/u);
  const rank = (/** @type {string} */ name) => {
    const { label, definition, keys } = classOf(name);
    const fields = keys.map((/** @type {any} */ key) => state.forms.properties[key.name].label).join(" ");
    const texts = [`${label} ${name}`, definition, fields].map((text) => text.toLowerCase());
    if (label.toLowerCase().startsWith(typed)) return 0;
    for (let k = 1; k <= texts.length; k += 1) if (words.every((word) => texts.slice(0, k).join(" ").includes(word))) return k;
    return 9;
  };
  return state.forms.kinds.filter((/** @type {string} */ name) => rank(name) < 9).sort((/** @type {string} */ a, /** @type {string} */ b) => rank(a) - rank(b));
}

/** @param {string} name @param {number} _ */
function option(name, _) {
  return h("li", { role: "option", id: `kind-${name}`, "data-kind": name, "aria-selected": "false", onclick: () => act.startForm(name) },
    h("b", {}, labelOf(name)), h("span", {}, classOf(name).definition), kbd(letterOf(name) || "·"));
}

const options = () => /** @type {HTMLElement[]} */ ([...by("kinds").querySelectorAll("[role=option]")]);

/** @param {number} number */
function mark(number) {
  const all = options();
  const chosen = all[Math.max(0, Math.min(number, all.length - 1))];
  all.forEach((each) => each.setAttribute("aria-selected", String(each === chosen)));
  if (chosen) {
    by("q").setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  } else by("q").removeAttribute("aria-activedescendant");
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const all = options();
  const now = all.findIndex((each) => each.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") mark(now + 1);
  else if (event.key === "ArrowUp") mark(Math.max(now - 1, 0));
  else if (event.key === "Enter" && all[now]) act.startForm(all[now].dataset.kind);
  else if (event.key === "Escape") act.letGo();
  else if (event.altKey && kindOf(event.key)) act.startForm(kindOf(event.key));
  else return;
  event.preventDefault();
  event.stopPropagation();
}
