/** The form of one fact: its words, its fields from the vocabulary, its findings while one types. */

import { act } from "./act.js";
import { Away, Refused, call } from "./api.js";
import { by, capital, clock, h, icon, kbd, quoted } from "./dom.js";
import { Node, definitionOf, isTable, labelOf as fieldLabel, tidied } from "./fields.js";
import { labelOf } from "./kinds.js";
import { chosenWords, classOf, isWrong, nameOf, sentencesOf, state } from "./state.js";

const TRY_AFTER = 300; // milliseconds after the last key
const AFTER_A_CLICK = 200; // milliseconds
const LATEST = "kg-draft-";

export class Form {
  /** @param {{id: string, kind: string, was: any, now: any, block?: string, entities?: any, shown?: boolean}} of */
  constructor({ id, kind, was, now, block = "facts", entities = {}, shown = false }) {
    Object.assign(this, { id, kind, was, block, entities });
    this.tree = structuredClone(now);
    this.isNew = was === null;
    this.isBarred = false;
    this.askedToSave = shown || !this.isNew;
    this.takesWords = block === "facts";
    this.hidden = block === "facts" ? ["quote"] : ["text"];
    this.focused = { label: "", definition: "" };
    /** @type {any} */ this.answer = null;
    this.begun = clock();
    this.hasChanged = false;
    this.tries = 0;
    this.waiting = 0;
  }

  // -------- drawing

  draw() {
    const pane = by("facts");
    const { label, definition } = classOf(this.kind);
    pane.setAttribute("aria-label", this.isNew ? "New fact" : "Fact");
    this.head = h("div", {});
    this.top = h("div", { class: "slot", role: "status" });
    this.node = new Node(this, this.kind, this.tree, () => []);
    this.element = h("form", { class: "panel", id: "form", novalidate: true, onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); act.saveForm(); } },
      h("div", { class: "panel-head" }, h("h2", {}, label.charAt(0).toUpperCase() + label.slice(1)), h("span", { class: "faint" }, definition),
        this.isNew ? h("button", { type: "button", class: "quiet small close", onclick: () => act.view("choose") }, "Another kind ", kbd("Ctrl K")) : null),
      this.head, this.top, this.node.element, this.idRow());
    pane.replaceChildren(this.element);
    pane.scrollTop = 0;
    this.drawWords();
    this.firstEmpty()?.focus();
    this.try_();
  }

  idRow() {
    if (this.block !== "facts") return null;
    const help = this.isNew ? "By which other facts name this one: lower-case letters, digits and hyphens." : "By which facts of this and other articles name this one. It is changed in all of them, and so is the address of the fact.";
    const input = /** @type {HTMLInputElement} */ (h("input", { id: "fact-id", value: this.id, spellcheck: "false", autocomplete: "off", onfocus: () => this.say("id", help), oninput: () => (this.isNew ? this.typedId(input.value) : this.offerRename(input)), onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter" && !this.isNew) { event.preventDefault(); this.rename(input); } } }));
    this.renaming = h("div", { class: "slot", role: "status" });
    return h("div", { class: "row last" }, h("label", { for: "fact-id" }, "Id"), h("div", {}, input, this.renaming));
  }

  /** @param {string} typed */
  typedId(typed) {
    this.id = typed.trim();
    this.changed();
  }

  /** Offers to give the fact the id that was typed. @param {HTMLInputElement} input */
  offerRename(input) {
    const wished = input.value.trim();
    const offered = h("button", { type: "button", class: "small", onclick: () => this.rename(input) }, "Rename it everywhere");
    this.renaming?.replaceChildren(...(wished && wished !== this.id ? [offered] : []));
  }

  /** @param {HTMLInputElement} input */
  async rename(input) {
    if (input.value.trim() === this.id) return;
    try {
      const answer = await call(`/api/article/${encodeURIComponent(state.article.id)}/rename`, { name: this.id, new: input.value.trim() });
      this.id = input.value.trim();
      if (this.hasChanged) keepHere(this);
      this.renaming?.replaceChildren(h("small", {}, "Renamed, wherever it is named."));
      state.fact = this.id;
      act.taken(answer.article, true);
    } catch (error) {
      const why = error instanceof Refused ? `${capital(error.message)}${error.fix ? `; ${error.fix}` : ""}` : "The server is away; try again when it is back.";
      this.renaming?.replaceChildren(h("div", { class: "finding", role: "note" }, h("p", {}, why)));
    }
  }

  get quotes() {
    const { quote } = this.tree;
    return Array.isArray(quote) ? quote : quote ? [quote] : [];
  }

  drawWords() {
    if (!this.takesWords) return;
    this.head.replaceChildren(h("div", { class: "words" },
      this.quotes.map((/** @type {string} */ quote, /** @type {number} */ k) => h("blockquote", { class: "item-line", dir: "auto" }, h("span", {}, quoted(quote)),
        h("button", { type: "button", class: "icon", "aria-label": `Remove the words ${quote}`, onclick: () => { const rest = this.quotes.filter((_, at) => at !== k); this.tree.quote = rest.length === 1 ? rest[0] : rest; this.drawWords(); this.changed(); } }, icon("x")))),
      h("small", {}, this.quotes.length ? this.whereabouts() : "No words support this fact yet: select some, and add them.")));
  }

  whereabouts() {
    const { text } = state.words;
    const known = this.quotes.map((/** @type {string} */ quote) => text.indexOf(quote)).filter((/** @type {number} */ at) => at >= 0);
    const numbers = sentencesOf(known.map((/** @type {number} */ at) => ({ start: at, end: at + 1 }))).map((number) => number + 1);
    const once = this.quotes.length === 1 && known.length === 1 && text.indexOf(this.quotes[0], known[0] + 1) < 0;
    return `${numbers.length ? `Sentence ${numbers.join(", ")}. ` : ""}${once ? "These words stand once in the text." : ""}`;
  }

  addQuote() {
    const words = chosenWords();
    if (!words || this.quotes.includes(words)) return;
    const all = [...this.quotes.filter((/** @type {string} */ quote) => !words.includes(quote)), words];
    this.tree.quote = all.length === 1 ? all[0] : all;
    this.drawWords();
    this.changed();
    act.afterQuote();
  }

  firstEmpty() {
    const fields = this.node.fields;
    return fields.find((/** @type {any} */ field) => field.key.required && field.value === undefined) ?? fields.find((/** @type {any} */ field) => field.value === undefined && field.key.kind !== "part") ?? fields[0];
  }

  // -------- what fields ask

  /** @param {any} field */
  focusOn(field) {
    this.say(fieldLabel(field.key).toLowerCase(), definitionOf(field.key));
  }

  /** @param {string} label @param {string} definition */
  say(label, definition) {
    this.focused = { label, definition };
    const place = document.querySelector(".definition");
    place?.replaceChildren(h("b", { class: "is-blue" }, label), ` ${definition}`);
  }

  /** A field was left: its findings may be seen now, once a click elsewhere has landed where it was meant. */
  left() {
    setTimeout(() => { if (state.form === this) this.drawFindings(); }, AFTER_A_CLICK);
  }

  /** @param {string} id */
  nameOf(id) {
    return this.entities[id]?.name ?? nameOf(id);
  }

  /** New entities of this form that a field may name. @param {string} range @param {string} typed */
  newEntities(range, typed) {
    return Object.entries(this.entities).filter(([, tree]) => (!range || classOf(tree.type).ancestors.includes(range)) && tree.name.toLowerCase().includes(typed.toLowerCase()))
      .map(([id, tree]) => ({ id, label: tree.name, kind: `new ${classOf(tree.type).label}` }));
  }

  /** @param {string} id */
  freeId(id) {
    const { entities } = this.edit; // those that are still named
    let free = id;
    for (let k = 2; free in entities; k += 1) free = `${id}-${k}`;
    return free;
  }

  // -------- trying and keeping

  changed() {
    this.hasChanged = true;
    keepHere(this);
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => { if (state.form === this) this.try_(); }, TRY_AFTER);
  }

  get edit() {
    const now = ordered(tidied(this.tree, this.was), this);
    const entities = Object.fromEntries(Object.entries(this.entities).filter(([id]) => names(now, id)));
    return { id: this.block === "facts" ? this.id : "", block: this.block, was: this.was, now, entities, label: `${labelOf(this.kind).toLowerCase()} ${this.id}`.trim() };
  }

  get draft() {
    return { edit: this.edit, kind: this.kind, words: this.quotes[0] ?? "", at: this.begun };
  }

  async try_() {
    const number = ++this.tries;
    const path = `/api/article/${encodeURIComponent(state.article.id)}`;
    try {
      if (this.hasChanged) call(`${path}/draft`, { draft: this.draft }).catch(() => {});
      const answer = await call(`${path}/try`, { edit: this.edit });
      if (number !== this.tries || state.form !== this) return;
      this.answer = answer;
      this.isBarred = answer.barred;
      if (this.hasChanged) act.saved("kept");
    } catch (error) {
      if (number !== this.tries || state.form !== this || error instanceof Away) return;
      if (error instanceof Refused && error.status === 409) return void act.conflict(this, error.theirs);
      this.refuse(error);
    }
    this.drawMeanings();
    this.drawFindings();
  }

  /** Shows why the server refuses this form at all. @param {any} error */
  refuse(error) {
    this.isBarred = true;
    this.answer = { findings: [{ block: this.block, fact: this.id, path: [], severity: "error", code: "", message: error.message, fix: error.fix ?? "", instead: "", choices: [], line: 0 }], new: [], understood: [], barred: true };
  }

  drawMeanings() {
    const own = (this.answer?.understood ?? []).filter((/** @type {any} */ each) => each.fact === (this.block === "facts" ? this.id : ""));
    for (const field of this.node.every())
      if (field.key.kind === "words") field.show(own.find((/** @type {any} */ each) => same(each.path, field.itemPath(0)) || same(each.path, field.path())));
  }

  /** The findings of this fact, and new ones elsewhere. */
  findings() {
    const isOwn = (/** @type {any} */ each) => (this.block === "facts" ? each.fact === this.id : !each.fact && each.block === this.block);
    const own = (this.answer?.findings ?? []).filter(isOwn);
    return [...own, ...(this.answer?.new ?? []).filter((/** @type {any} */ each) => !isOwn(each))];
  }

  /** The findings that are to be seen: of fields that were left once, all of them once one wanted to save. */
  shown() {
    return this.findings().filter((finding) => isWrong(finding) && (this.askedToSave || this.fieldOf(finding)?.touched));
  }

  /** The fields whose errors are not shown yet. */
  hiddenFields() {
    const shown = new Set(this.shown());
    return this.findings().filter((finding) => finding.severity === "error" && !shown.has(finding)).map((finding) => this.fieldOf(finding)).filter(Boolean);
  }

  /** @param {any} finding */
  fieldOf(finding) {
    if (this.block === "facts" && finding.fact !== this.id) return null;
    let best = null;
    for (const field of this.node.every()) {
      const path = field.path();
      if (path.length <= finding.path.length && same(path, finding.path.slice(0, path.length)) && (!best || path.length > best.path().length)) best = field;
    }
    return best;
  }

  drawFindings() {
    const shown = new Set(this.shown());
    const places = new Map();
    for (const finding of this.findings()) {
      if (!shown.has(finding) && isWrong(finding)) continue;
      const field = this.fieldOf(finding);
      places.set(field, [...(places.get(field) ?? []), this.note(finding)]);
    }
    for (const field of this.node.every()) field.complain(places.get(field) ?? []);
    this.top.replaceChildren(...(places.get(null) ?? []));
    if (state.form === this) act.keys();
  }

  /** @param {any} finding */
  note(finding) {
    const elsewhere = finding.fact && finding.fact !== this.id ? `${finding.fact}: ` : "";
    const choices = elsewhere ? [] : this.choices(finding);
    return h("div", { class: `finding${isWrong(finding) ? "" : " mild"}`, role: "note" }, h("p", {}, elsewhere, capital(finding.message), finding.fix && !choices.length ? `; ${finding.fix}` : "", " ", h("small", { class: "code" }, finding.code)),
      choices.length ? h("p", { class: "row-of" }, choices) : null,
      elsewhere ? null : this.absent(finding).map((key) => h("button", { type: "button", class: "small", onclick: () => { this.node.add(key).focus(); this.node.drawAlso(false); this.drawFindings(); } }, fieldLabel(key))),
      finding.instead && !elsewhere ? h("button", { type: "button", class: "small", onclick: () => this.mend(finding) }, `Write “${finding.instead}”`) : null,
      this.canAccept(finding) ? h("button", { type: "button", class: "small", onclick: () => this.accept(finding) }, "Accept, with a reason") : null);
  }

  /** The keys that a finding names and that have no field yet. Names of one word may be ordinary words. @param {any} finding @returns {any[]} */
  absent(finding) {
    const words = `${finding.message} ${finding.fix}`.split(/[^\p{L}\p{N}]+/u);
    const isNamed = (/** @type {any} */ key) => /[A-Z]/.test(key.name) && words.includes(key.name);
    return this.node.keys.filter((/** @type {any} */ key) => isNamed(key) && !this.node.fields.some((/** @type {any} */ field) => field.key.name === key.name));
  }

  /** A button for each meaning that the words of a field may have. @param {any} finding @returns {HTMLElement[]} */
  choices(finding) {
    const isAt = (/** @type {any} */ path) => same(path, finding.path.slice(0, path.length));
    const field = [...this.node.every()].find((each) => each.key.kind === "words" && isAt(each.path()));
    if (!field) return [];
    const codes = (/** @type {string} */ key) => state.forms.codes[classOf(field.key.range).keys.find((/** @type {any} */ each) => each.name === key)?.range] ?? [];
    const label = (/** @type {string} */ key, /** @type {string} */ value) => codes(key).find((/** @type {any} */ code) => code.name === value)?.label ?? value;
    return finding.choices.map((/** @type {[string, string]} */ [key, value]) => h("button", { type: "button", class: "small", onclick: () => field.settle(finding.path, key, value) }, label(key, value)));
  }

  /** @param {any} finding */
  canAccept(finding) {
    return this.block === "facts" && finding.severity === "warning" && finding.code && !(isTable(this.tree.accept) && finding.code in this.tree.accept);
  }

  /** @param {any} finding */
  accept(finding) {
    this.tree.accept = { ...(isTable(this.tree.accept) ? this.tree.accept : {}), [finding.code]: "" };
    this.node.draw();
    this.node.fields.find((/** @type {any} */ field) => field.key.name === "accept")?.last()?.focus();
    this.changed();
  }

  /** @param {any} finding */
  mend(finding) {
    let holder = this.tree;
    const path = finding.path.length ? finding.path : [];
    for (const part of path.slice(0, -1)) holder = holder?.[part];
    const last = path.at(-1);
    if (!holder || last === undefined) return;
    if (typeof holder[last] === "string") holder[last] = finding.instead;
    this.node.draw();
    this.drawWords();
    this.changed();
  }

  nextFinding() {
    this.askedToSave = true;
    this.drawFindings();
    const first = this.element.querySelector(".finding:not(.mild)");
    const control = first?.closest(".row, .cell, fieldset")?.querySelector("input, select, textarea");
    if (control instanceof HTMLElement) control.focus();
    else first?.scrollIntoView({ block: "nearest" });
  }
}

/** @param {any[]} one @param {any[]} other */
const same = (one, other) => one.length === other.length && one.every((each, k) => each === other[k]);

/** Keys in the order of the form, for a new fact. @param {any} tree @param {Form} form */
function ordered(tree, form) {
  if (!form.isNew) return tree;
  const { type, ...rest } = tree;
  const order = classOf(form.kind).keys.map((/** @type {any} */ key) => key.name);
  const rank = (/** @type {string} */ name) => (order.includes(name) ? order.indexOf(name) : order.length);
  return Object.fromEntries([["type", type], ...Object.entries(rest).sort(([a], [b]) => rank(a) - rank(b))]);
}

/** Whether a tree names an id anywhere. @param {any} tree @param {string} id @returns {boolean} */
function names(tree, id) {
  if (typeof tree === "string") return tree === id;
  return Object.values(tree).some((each) => names(each, id));
}

// -------- drafts in this browser

/** @param {Form} form */
function keepHere(form) {
  try {
    localStorage.setItem(LATEST + state.article.id, JSON.stringify(form.draft));
  } catch {
    // a browser that keeps nothing: the server does
  }
}

/** The draft that was kept in this browser, else beside the project. */
export function keptDraft() {
  try {
    const here = JSON.parse(localStorage.getItem(LATEST + state.article.id) ?? "null");
    if (here) return here;
  } catch {
    // what cannot be read is no draft
  }
  return state.article.draft;
}

/** Lets go of the draft on both sides. */
export function forgetDraft() {
  try {
    localStorage.removeItem(LATEST + state.article.id);
  } catch {
    // nothing was kept
  }
  state.article.draft = null;
  return call(`/api/article/${encodeURIComponent(state.article.id)}/draft`, { draft: null }).catch(() => {});
}
