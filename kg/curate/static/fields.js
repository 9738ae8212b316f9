/** One field of a form for each kind of value: texts, codes, words for dates and amounts, things, parts with fields of
 * their own. A field reads its value from a table and writes it there; the form hears of every change. */

import { call } from "./api.js";
import { capital, h, icon } from "./dom.js";
import { chosenWords, classOf, nameOf, state } from "./state.js";

const MOST_SEGMENTS = 5;
const SEARCH_AFTER = 110; // milliseconds
let ids = 0;

/** @param {any} value */
export const isTable = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** @param {any} value */
const isNothing = (value) => value === undefined || value === "" || (Array.isArray(value) && !value.length) || (isTable(value) && !Object.keys(value).length);

/** Without empty fields and white space at the ends; a text that was so before stays as it was. @param {any} value @param {any} was @returns {any} */
export function tidied(value, was = undefined) {
  if (Array.isArray(value)) return value.map((each, k) => tidied(each, Array.isArray(was) ? was[k] : undefined)).filter((each) => !isNothing(each));
  if (isTable(value)) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, tidied(each, isTable(was) ? was[key] : undefined)]).filter(([, each]) => !isNothing(each)));
  if (typeof value !== "string") return value;
  return typeof was === "string" && was.trim() === value.trim() ? was : value.trim();
}

/** A table with a field for each of its keys: a fact, or a part of one. */
export class Node {
  /** @param {any} form @param {string} kind @param {any} tree @param {() => (string|number)[]} path @param {Node | null} outer */
  constructor(form, kind, tree, path, outer = null) {
    Object.assign(this, { form, kind, tree, path, outer });
    /** @type {Field[]} */ this.fields = [];
    this.rows = h("div", { class: outer ? "cells" : "rows" });
    this.also = h("div", { class: "also" });
    this.parts = h("div", {});
    this.element = h("div", {}, this.rows, h("div", { class: "row" }, h("span", { class: "label flat" }, "Also"), this.also), this.parts);
    this.draw();
  }

  get keys() {
    const hidden = this.form.hidden;
    return classOf(this.kind).keys.filter((/** @type {any} */ key) => this.outer || !hidden.includes(key.name));
  }

  draw() {
    this.fields = [];
    this.rows.replaceChildren();
    this.parts.replaceChildren();
    for (const key of this.keys) if (key.shown || !isNothing(this.tree[key.name])) this.add(key);
    for (const name of Object.keys(this.tree)) if (!this.isKnown(name)) this.add(unknownKey(name));
    this.drawAlso(false);
  }

  /** @param {string} name */
  isKnown(name) {
    return name === "type" || (!this.outer && this.form.hidden.includes(name)) || this.keys.some((/** @type {any} */ key) => key.name === name);
  }

  /** @param {any} key */
  add(key) {
    const field = new Field(this, key);
    this.fields.push(field);
    (key.kind === "part" ? this.parts : this.rows).append(field.element);
    return field;
  }

  /** @param {boolean} all */
  drawAlso(all) {
    const rest = this.keys.filter((/** @type {any} */ key) => !this.fields.some((field) => field.key.name === key.name));
    const shown = all ? rest : rest.slice(0, this.outer ? 3 : 5);
    const more = rest.length - shown.length;
    const words = this.outer && !this.fields.some((field) => field.key.name === "quote") && this.form.takesWords ? [unknownKey("quote")] : [];
    this.also.replaceChildren(
      ...[...words, ...shown].map((key) => h("button", { type: "button", class: "quiet small", title: definitionOf(key), onclick: () => { this.add(key).focus(); this.drawAlso(all); } }, labelOf(key))),
      more > 0 ? h("button", { type: "button", class: "quiet small", onclick: () => this.drawAlso(true) }, `${more} more`) : "");
    /** @type {HTMLElement} */ (this.also.parentElement).hidden = !rest.length && !words.length;
  }

  /** All fields, those of parts too. @returns {Generator<Field>} */
  *every() {
    for (const field of this.fields) {
      yield field;
      for (const node of field.nodes) yield* node.every();
    }
  }
}

/** A keyword of the mapping language, or a key that the vocabulary does not have. @param {string} name */
const unknownKey = (name) => ({ name, kind: name === "quote" ? "quote" : "table", range: "", most: null, required: false, shown: true, nested: [], braces: "", form: "" });

const LONG_TEXTS = ["note", "paraphrase", "description", "quote"];

const KEYWORDS = /** @type {Record<string, string[]>} */ ({
  quote: ["words", "The words of the text that support this part, if they are not those of the fact."],
  accept: ["accepted", "Accepted warnings and remarks: the code of each, with the reason."],
  inferred: ["inferred", "Keys whose values the words leave open, each with the reason why the value is certain."],
});

/** @param {any} key */
export const labelOf = (key) => capital(state.forms.properties[key.name]?.label ?? KEYWORDS[key.name]?.[0] ?? key.name);

/** @param {any} key */
export const definitionOf = (key) => state.forms.properties[key.name]?.definition ?? KEYWORDS[key.name]?.[1] ?? "";

export class Field {
  /** @param {Node} node @param {any} key */
  constructor(node, key) {
    Object.assign(this, { node, key, touched: false, open: false });
    this.id = `field-${++ids}`;
    /** @type {Node[]} */ this.nodes = [];
    this.isSeveral = key.most !== 1 && key.kind !== "code" ? true : key.most !== 1;
    this.body = h("div", { class: "body" });
    this.under = h("div", { class: "understood" });
    this.slot = h("div", { class: "slot", id: `${this.id}-why`, role: "status" });
    const label = `${labelOf(key)}`;
    this.element = key.kind === "part"
      ? h("fieldset", { class: "parts" }, h("legend", { class: "parts-title" }, label, this.count = h("small")), this.body, this.slot)
      : h("div", { class: node.outer ? "cell" : "row", role: this.isGroup ? "group" : null, "aria-label": this.isGroup ? label : null },
        this.isGroup ? h("span", { class: "label" }, label) : h("label", { for: this.id }, label),
        h("div", {}, this.body, this.under, this.slot));
    this.element.addEventListener("focusin", () => node.form.focusOn(this));
    this.element.addEventListener("focusout", () => { this.touched = true; node.form.left(); });
    this.draw();
  }

  /** Whether it has several controls, so that no label can be of one. */
  get isGroup() {
    return isTable(this.value) || Array.isArray(this.value) || this.segments > 0 || this.key.nested.length > 0;
  }

  get value() {
    return this.node.tree[this.key.name];
  }

  get items() {
    return Array.isArray(this.value) ? this.value : this.value === undefined || this.value === "" ? [] : [this.value];
  }

  path() {
    return [...this.node.path(), this.key.name];
  }

  /** @param {number} number */
  itemPath(number) {
    return Array.isArray(this.value) ? [...this.path(), number] : this.path();
  }

  /** @param {any} value */
  write(value) {
    if (isNothing(value)) delete this.node.tree[this.key.name];
    else this.node.tree[this.key.name] = value;
    this.node.form.changed();
  }

  /** @param {number} number @param {any} value */
  writeItem(number, value) {
    if (Array.isArray(this.value)) this.write(this.value.map((each, k) => (k === number ? value : each)));
    else this.write(value);
  }

  /** Writes beside the words what a person says that they mean. @param {(string | number)[]} path of the words @param {string} key @param {string} value */
  settle(path, key, value) {
    const number = Number(path[this.path().length]) || 0;
    const item = this.items[number];
    this.writeItem(number, { ...(isTable(item) ? item : { asWritten: item }), [key]: value });
    this.draw();
    this.focus();
  }

  /** @param {number} number */
  remove(number) {
    const rest = this.items.filter((_, k) => k !== number);
    this.write(rest.length === 1 && this.key.kind !== "part" && typeof rest[0] === "string" ? rest[0] : rest);
    this.draw();
  }

  /** @param {any} value */
  append(value) {
    const all = [...this.items, value];
    this.node.tree[this.key.name] = all.length === 1 && this.key.kind !== "part" ? all[0] : all;
    this.draw();
    const part = [...this.body.children].filter((each) => each.matches(".folding")).at(-1);
    (part?.querySelector("input, select") ?? this.last())?.focus();
  }

  last() {
    return /** @type {HTMLElement[]} */ ([...this.body.querySelectorAll("input, select")]).at(-1);
  }

  focus() {
    if (this.key.kind === "part" && !this.items.length) this.append({});
    const first = this.body.querySelector("input:checked, input, select, textarea, button");
    if (first instanceof HTMLElement) first.focus();
  }

  get codes() {
    return this.key.kind === "code" ? state.forms.codes[this.key.range] ?? [] : this.key.range === "boolean" ? [{ name: "true", label: "yes", definition: "" }, { name: "false", label: "no", definition: "" }] : [];
  }

  /** How many codes are shown side by side, 0 for a list. */
  get segments() {
    return this.codes.length && this.codes.length <= MOST_SEGMENTS && !this.node.outer && !this.isMany ? this.codes.length : 0;
  }

  /** Whether several codes are given, or may be. */
  get isMany() {
    return this.key.most !== 1 && this.key.kind === "code" && Array.isArray(this.value);
  }

  draw() {
    this.nodes = [];
    const { kind } = this.key;
    if (kind === "part") this.drawParts();
    else if (kind === "table") this.body.replaceChildren(this.tableOf());
    else if (this.segments) this.body.replaceChildren(this.segmented());
    else if (this.codes.length) this.several((number) => this.selected(number));
    else if (kind === "node" || kind === "any") this.several((number) => this.thing(number));
    else if (kind === "words") this.several((number) => (isTable(this.items[number]) ? this.nested(number, this.key.range) : this.typed(number)));
    else if (kind === "quote") this.several((number) => h("div", { class: "or" }, this.typed(number), this.taking(number)));
    else this.several((number) => (isTable(this.items[number]) ? this.languages(number) : this.typed(number)));
  }

  /** Puts the words that are selected in the text into a quote. @param {number} number */
  taking(number) {
    return h("button", { type: "button", class: "quiet small", onclick: () => { const words = chosenWords(); if (words) { this.writeItem(number, words); this.draw(); } } }, "Take the selected words");
  }

  /** Draws an item, or one for each of several. @param {(number: number) => HTMLElement} make */
  several(make) {
    const count = Math.max(this.items.length, 1);
    const made = [];
    for (let k = 0; k < count; k += 1)
      made.push(count > 1 ? h("div", { class: "item-line" }, make(k), this.away(k)) : make(k));
    this.body.replaceChildren(...made);
    this.offerAnother();
  }

  /** Offers a further item once there is one. What one types in stays, and so does the focus. */
  offerAnother() {
    const mayBeMore = this.key.most !== 1 && (this.key.kind !== "text" || Array.isArray(this.value));
    const isOffered = [...this.body.children].some((each) => each.matches(".add"));
    if (mayBeMore && this.items.length && !isTable(this.items[0]) && !isOffered)
      this.body.append(h("button", { type: "button", class: "quiet small add", onclick: () => this.append("") }, icon("plus"), `Another ${labelOf(this.key).toLowerCase()}`));
  }

  /** @param {number} number */
  away(number) {
    return h("button", { type: "button", class: "icon", "aria-label": `Remove ${nameOf(String(this.items[number] ?? ""))}`, onclick: () => this.remove(number) }, icon("x"));
  }

  /** @param {number} number */
  common(number) {
    return { id: number ? `${this.id}-${number}` : this.id, "aria-label": this.items.length > 1 ? `${labelOf(this.key)} ${number + 1}` : this.isGroup ? labelOf(this.key) : null, "aria-describedby": `${this.id}-why`, "aria-required": this.key.required ? "true" : null, autocomplete: "off" };
  }

  /** @param {number} number */
  typed(number) {
    const value = this.items[number] ?? "";
    const long = value.length > 90 || LONG_TEXTS.includes(this.key.name);
    const properties = { ...this.common(number), dir: "auto", value, oninput: (/** @type {any} */ event) => this.writeItem(number, event.target.value) };
    return long ? h("textarea", { ...properties, rows: Math.min(6, Math.ceil((value.length + 1) / 70)) }) : h("input", properties);
  }

  /** @param {number} number */
  languages(number) {
    const table = this.items[number];
    const write = (/** @type {string} */ tag, /** @type {string} */ text) => this.writeItem(number, { ...table, ...this.items[number], [tag]: text });
    return h("div", { class: "languages" }, Object.keys(table).map((tag) => h("div", { class: "item-line" }, h("span", { class: "mini" }, tag),
      h("input", { "aria-label": `${labelOf(this.key)} in ${tag}`, lang: tag, dir: "auto", value: Array.isArray(table[tag]) ? table[tag].join("; ") : table[tag], oninput: (/** @type {any} */ event) => write(tag, event.target.value) }))));
  }

  tableOf() {
    if (!isTable(this.value)) return this.typed(0);
    return h("div", { class: "languages" }, Object.keys(this.value).map((name) => h("div", { class: "item-line" }, h("span", { class: "mini" }, name),
      h("input", { "aria-label": `${labelOf(this.key)}: ${name}`, value: String(this.value[name]), oninput: (/** @type {any} */ event) => this.write({ ...this.value, [name]: event.target.value }) }))));
  }

  segmented() {
    return h("div", { class: "seg", role: "radiogroup", "aria-label": labelOf(this.key), "aria-describedby": `${this.id}-why` }, this.codes.map((/** @type {any} */ code) => {
      const input = h("input", { type: "radio", name: this.id, value: code.name, onchange: () => this.write(code.name), onclick: () => { if (this.wasCode === code.name && !this.key.required) { input.checked = false; this.write(""); } this.wasCode = input.checked ? code.name : ""; } });
      input.checked = this.value === code.name;
      if (input.checked) this.wasCode = code.name;
      return h("label", { title: code.definition }, input, code.label);
    }));
  }

  /** @param {number} number */
  selected(number) {
    const value = this.items[number] ?? "";
    const known = this.codes.some((/** @type {any} */ code) => code.name === value);
    return h("select", { ...this.common(number), onchange: (/** @type {any} */ event) => { this.writeItem(number, event.target.value); this.offerAnother(); }, value: "" },
      h("option", { value: "" }, ""), known || !value ? null : h("option", { value, selected: true }, value),
      this.codes.map((/** @type {any} */ code) => h("option", { value: code.name, title: code.definition, selected: code.name === value }, code.label)));
  }

  // -------- parts and things in braces

  drawParts() {
    const label = labelOf(this.key).toLowerCase();
    const made = this.items.map((value, number) => {
      const name = isTable(value) ? captionOf(value) : nameOf(value);
      const inside = isTable(value) ? this.nested(number, value.type ?? this.key.braces) : this.thing(number);
      const isOpen = this.items.length < 4 || !name || number === this.items.length - 1;
      return h("div", { class: "folding" },
        h("details", { class: "part", open: isOpen }, h("summary", {}, h("span", {}, name || `New ${label}`)), inside),
        h("button", { type: "button", class: "icon", "aria-label": `Remove ${name || label}`, onclick: () => this.remove(number) }, icon("x")));
    });
    this.count.textContent = this.items.length ? String(this.items.length) : "";
    const isFull = this.key.most !== null && this.items.length >= this.key.most;
    this.body.replaceChildren(...made, isFull ? "" : h("button", { type: "button", class: "quiet small add", onclick: () => this.append({}) }, icon("plus"), made.length ? `Another ${label}` : `Add ${label}`));
  }

  /** Fields of a table in braces. @param {number} number @param {string} kind */
  nested(number, kind) {
    const tree = this.items[number];
    if (!state.forms.classes[kind]) return h("p", { class: "faint" }, JSON.stringify(tree));
    const node = new Node(this.node.form, kind, tree, () => this.itemPath(number), this.node);
    this.nodes.push(node);
    const choices = this.key.nested;
    const type = choices.length > 1 && (tree.type || !this.key.braces)
      ? h("select", { "aria-label": "Kind", onchange: (/** @type {any} */ event) => { tree.type = event.target.value; this.node.form.changed(); this.draw(); } }, choices.map((/** @type {string} */ name) => h("option", { value: name, selected: name === kind }, classOf(name).label)))
      : null;
    return h("div", { class: this.key.kind === "part" ? "" : "part" }, type, node.element,
      this.key.kind === "part" ? null : h("button", { type: "button", class: "quiet small add", onclick: () => this.remove(number) }, icon("x"), `Remove this ${classOf(kind).label}`));
  }

  /** An entity or a fact by name, or described in place. @param {number} number */
  thing(number) {
    const value = this.items[number] ?? "";
    if (isTable(value)) return this.nested(number, value.type ?? (this.key.braces || this.key.nested[0]));
    const made = combo(this, number, value);
    if (!this.key.nested.length || this.key.kind === "part" || value) return made;
    const kind = this.key.braces || this.key.nested[0];
    return h("div", { class: "or" }, made, h("button", { type: "button", class: "quiet small", onclick: () => { this.writeItem(number, this.key.braces ? {} : { type: kind }); this.node.tree[this.key.name] ??= this.key.braces ? {} : { type: kind }; this.draw(); this.nodes[0]?.fields[0]?.focus(); } }, "Describe it here"));
  }

  /** Shows what words mean. @param {any} meaning */
  show(meaning) {
    this.under.replaceChildren(meaning ? h("p", { class: "under" }, icon("ok"), h("b", {}, meaning.means), meaning.how) : "");
  }

  /** Shows findings. @param {HTMLElement[]} findings */
  complain(findings) {
    this.slot.replaceChildren(...findings);
    const wrong = findings.length > 0;
    for (const control of this.body.querySelectorAll("input, select, textarea")) {
      if (wrong && control.closest(".body") === this.body) control.setAttribute("aria-invalid", "true");
      else if (!wrong) control.removeAttribute("aria-invalid");
    }
    if (wrong && this.element.closest("details") && !this.element.closest("details").open) this.element.closest("details").open = true;
  }
}

/** A part in a few words: the names that it has. @param {any} tree @returns {string} */
function captionOf(tree) {
  const words = Object.entries(tree).filter(([key, value]) => typeof value === "string" && !["type", "quote", "note"].includes(key));
  return words.slice(0, 3).map(([, value]) => nameOf(String(value))).join(" · ");
}

// -------- things by name

/** A combobox: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ @param {Field} field @param {number} number @param {string} value */
function combo(field, number, value) {
  const listId = `${field.id}-${number}-list`;
  const list = h("ul", { class: "choices", id: listId, role: "listbox", "aria-label": labelOf(field.key), hidden: true });
  const input = h("input", { ...field.common(number), role: "combobox", "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list", spellcheck: "false", dir: "auto", value: value ? field.node.form.nameOf(value) : "" });
  const box = h("div", { class: "combo" }, input, list);
  /** @type {any[]} */ let choices = [];
  let now = -1;
  let waiting = 0;
  let requests = 0;
  const shut = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); now = -1; };
  const mark = (/** @type {number} */ k) => {
    now = Math.max(0, Math.min(k, choices.length - 1));
    [...list.children].forEach((each, at) => each.setAttribute("aria-selected", String(at === now)));
    const chosen = list.children[now];
    if (chosen) { input.setAttribute("aria-activedescendant", chosen.id); chosen.scrollIntoView({ block: "nearest" }); }
  };
  const take = (/** @type {any} */ choice) => {
    shut();
    if (choice.isNew) { newEntity(field, number, box, input.value.trim(), choice.id); return; }
    input.value = choice.label;
    state.article.names[choice.id] ??= choice.isFact ? undefined : choice.label;
    field.writeItem(number, choice.id);
    if (field.items.length === 1 && field.key.most !== 1) { field.draw(); field.last()?.focus(); }
  };
  const show = async () => {
    const request = ++requests;
    const typed = input.value.trim();
    const range = field.key.kind === "any" ? "" : field.key.range;
    const answer = await call(`/api/entities?${new URLSearchParams({ q: typed, range })}`).catch(() => null);
    if (!answer || request !== requests || document.activeElement !== input) return;
    const own = field.node.form.newEntities(range, typed);
    const [sure, unsure] = [true, false].map((isSure) => answer.entities.filter((/** @type {any} */ each) => each.sure === isSure));
    const fresh = typed && canBeNew(range) ? [{ isNew: true, id: field.node.form.freeId(answer.new), label: typed }] : [];
    choices = [...own, ...(typed ? [...sure, ...factsFitting(field, typed)] : [...factsFitting(field, typed), ...sure])];
    choices.push(...(choices.length ? [...unsure, ...fresh] : [...fresh, ...unsure]));
    list.replaceChildren(...choices.map((each, k) => option(each, k, listId, typed, () => take(each))));
    list.hidden = !choices.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (choices.length) mark(0);
  };
  input.addEventListener("input", () => { field.writeItem(number, input.value.trim()); clearTimeout(waiting); waiting = setTimeout(show, SEARCH_AFTER); });
  input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "ArrowDown" && list.hidden) show();
    else if (list.hidden || event.ctrlKey || event.metaKey) return;
    else if (event.key === "ArrowDown") mark(now + 1);
    else if (event.key === "ArrowUp") mark(now - 1);
    else if (event.key === "Enter" && now >= 0) take(choices[now]);
    else if (event.key === "Escape") shut();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  input.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== input) shut(); }, 150));
  return box;
}

/** @param {any} choice @param {number} k @param {string} listId @param {string} typed @param {() => void} take */
function option(choice, k, listId, typed, take) {
  const properties = { id: `${listId}-${k}`, role: "option", "aria-selected": "false", onmousedown: (/** @type {Event} */ event) => { event.preventDefault(); take(); } };
  if (choice.isNew) return h("li", { ...properties, class: "new" }, icon("plus"), h("span", {}, `New “${choice.label}”`, h("small", {}, "Asks for its kind and name, here")));
  const other = choice.by && choice.by !== choice.label ? `, also ${choice.by}` : "";
  return h("li", properties, h("span", { dir: "auto" }, marked(choice.label, typed)), h("small", {}, `${capital(choice.kind)}${other}`));
}

/** The typed words in a name. @param {string} label @param {string} typed */
function marked(label, typed) {
  const at = typed ? label.toLowerCase().indexOf(typed.toLowerCase()) : -1;
  return at < 0 ? label : [label.slice(0, at), h("mark", {}, label.slice(at, at + typed.length)), label.slice(at + typed.length)];
}

/** @param {Field} field @param {string} typed */
function factsFitting(field, typed) {
  const { kind, range } = field.key;
  const fits = (/** @type {any} */ fact) => fact.id !== field.node.form.id && (kind === "any" || classOf(fact.type)?.ancestors.includes(range));
  const has = (/** @type {any} */ fact) => `${fact.id} ${fact.says} ${fact.kind}`.toLowerCase().includes(typed.toLowerCase());
  return state.article.facts.filter((/** @type {any} */ fact) => fits(fact) && has(fact)).slice(0, typed ? 8 : 4)
    .map((/** @type {any} */ fact) => ({ id: fact.id, label: nameOf(fact.id), kind: `${fact.kind} of this article: ${fact.id}`, isFact: true }));
}

/** @param {string} range */
const kindsOf = (range) => state.forms.entities.filter((/** @type {string} */ name) => !range || classOf(name).ancestors.includes(range));

/** @param {string} range */
const canBeNew = (range) => kindsOf(range).length > 0;

/** Asks for a new entity where its name was typed. @param {Field} field @param {number} number @param {HTMLElement} box @param {string} name @param {string} id */
function newEntity(field, number, box, name, id) {
  const range = field.key.kind === "any" ? "" : field.key.range;
  const kinds = kindsOf(range);
  const kind = h("select", { "aria-label": "Kind of the new entity" }, kinds.map((/** @type {string} */ each) => h("option", { value: each, selected: each === range }, classOf(each).label)));
  const named = h("input", { "aria-label": "Name of the new entity", value: name, dir: "auto" });
  const ident = h("input", { "aria-label": "Id of the new entity", value: id, spellcheck: "false" });
  const done = () => { field.node.form.entities[ident.value.trim()] = { type: kind.value, name: named.value.trim() }; field.writeItem(number, ident.value.trim()); field.draw(); field.last()?.focus(); };
  const keys = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && !event.ctrlKey) done();
    else if (event.key === "Escape") field.draw();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  box.replaceChildren(h("div", { class: "fresh", onkeydown: keys }, h("p", { class: "mini" }, "New in the registry, with this fact:"),
    h("div", { class: "cells" }, h("div", { class: "cell" }, h("span", { class: "mini" }, "Kind"), kind), h("div", { class: "cell" }, h("span", { class: "mini" }, "Name"), named), h("div", { class: "cell" }, h("span", { class: "mini" }, "Id"), ident)),
    h("p", { class: "row-of" }, h("button", { type: "button", class: "small", onclick: done }, "Take it"), h("button", { type: "button", class: "small quiet", onclick: () => field.draw() }, "Not new"))));
  kind.focus();
}

