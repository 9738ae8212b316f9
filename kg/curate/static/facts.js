/** The facts of the article, one line each, by sentence or by kind. */

import { act } from "./act.js";
import { by, capital, h, icon, kbd, quoted } from "./dom.js";
import { REGISTERED } from "./start.js";
import { factOf, isWrong, state } from "./state.js";

/** Draws the pane of facts. */
export function drawFacts() {
  const pane = by("facts");
  pane.setAttribute("aria-label", "Facts");
  const { facts } = state.article;
  pane.replaceChildren(h("h2", { class: "unseen" }, "Facts"), ...notices(), head(), facts.length ? "" : empty(), ...headFindings(), ...groups());
}

function* notices() {
  if (state.article.problem) yield h("div", { class: "finding", role: "note" }, h("p", {}, `${state.article.path} cannot be read: ${state.article.problem}`));
  const draft = act.keptDraft();
  if (draft)
    yield h("div", { class: "empty", id: "kept" },
      h("p", {}, h("b", {}, `A ${act.kindLabel(draft.kind).toLowerCase()} that you began${draft.at ? ` at ${draft.at}` : ""} was kept.`), draft.words ? ` ${quoted(draft.words)}` : ""),
      h("p", { class: "row-of" }, h("button", { class: "small primary", onclick: () => act.takeUp() }, "Go on"), h("button", { class: "small", onclick: () => act.letDraftGo() }, "Discard")));
  if (state.article.note) yield h("p", { class: "lead-in", role: "status" }, state.article.note);
}

function head() {
  const { facts, findings } = state.article;
  const count = (/** @type {string} */ status) => facts.filter((/** @type {any} */ fact) => fact.status === status).length;
  const wrong = findings.filter(isWrong).length;
  const way = (/** @type {"sentence" | "kind"} */ name, /** @type {string} */ label) =>
    h("button", { class: "way", "aria-pressed": String(state.group === name), onclick: () => act.group(name) }, label);
  const legend = [["ok", "is-good", count("Reviewed"), "reviewed"], ["draft", "is-draft", count("Draft"), "draft"], ["bad", "is-bad", wrong, wrong === 1 ? "finding" : "findings"]];
  return h("div", { class: "pane-head" },
    h("div", { class: "switch", role: "group", "aria-label": "Group facts" }, way("sentence", "By sentence"), way("kind", "By kind"),
      h("button", { class: "way", "aria-pressed": "false", onclick: () => act.view("proposals") }, "Proposals"),
      h("button", { class: "way", "aria-pressed": "false", onclick: () => act.editHead() }, "Article")),
    h("p", { class: "legend" }, legend.filter(([, , number]) => number).map(([sign, look, number, word]) => h("span", {}, icon(String(sign), `is ${look}`), `${number} ${word}`))));
}

function empty() {
  return h("div", { class: "empty" },
    h("p", {}, h("b", {}, "No facts yet."), " Select words in the text and choose what they state, or let the rules propose."),
    h("p", { class: "row-of" }, h("button", { class: "small primary", onclick: () => act.view("proposals") }, "Propose facts"), h("button", { class: "small", onclick: () => act.help() }, "About the keys ", kbd("?"))),
    h("ul", { class: "faint" }, remarks().map((remark) => h("li", { dir: "auto" }, remark))));
}

/** What was read, left out or not known when the article was registered in this tab. @returns {string[]} */
function remarks() {
  const { id, remarks } = JSON.parse(sessionStorage.getItem(REGISTERED) ?? "{}");
  return id === state.article.id ? remarks : [];
}

function* headFindings() {
  for (const each of state.article.findings)
    if (!each.fact) {
      const isOfHead = each.block in state.forms.heads;
      yield h("div", { class: "finding", role: "note" }, h("p", {}, isOfHead ? capital(each.message) : `Line ${each.line}: ${each.message}`, each.fix ? `; ${each.fix}` : "", " ", code(each)), mend(each),
        isOfHead ? h("button", { class: "small", onclick: () => act.editHead(each.block) }, "Change") : null);
    }
}

/** @param {any} finding */
const code = (finding) => h("small", { class: "code" }, finding.code);

function groups() {
  const { facts } = state.article;
  if (state.group === "kind") {
    const kinds = [...new Set(facts.map((/** @type {any} */ fact) => fact.kind))].sort();
    return kinds.map((kind) => {
      const some = facts.filter((/** @type {any} */ fact) => fact.kind === kind);
      return h("section", { class: "group by-kind" }, h("h3", {}, `${capital(kind)} `, h("small", {}, String(some.length))), list(some));
    });
  }
  const homes = new Map();
  for (const fact of facts) homes.set(fact.home, [...(homes.get(fact.home) ?? []), fact]);
  if (state.chosen && !homes.has(state.here)) homes.set(state.here, []);
  return [...homes.keys()].sort((a, b) => a - b).map((number) => group(number, homes.get(number)));
}

/** @param {number} number @param {any[]} some */
function group(number, some) {
  const isHere = Boolean(state.chosen) && number === state.here;
  const look = isHere ? " now" : some.some((fact) => fact.findings.some(isWrong)) ? " wrong" : "";
  const name = number < 0 ? h("h3", { title: "These facts rest on no words" }, h("span", { class: "unseen" }, "Without words"), "–")
    : h("h3", {}, h("button", { class: "link", onclick: () => act.sentence(number) }, h("span", { class: "unseen" }, "Sentence "), String(number + 1)));
  return h("section", { class: `group${look}`, id: `f${number + 1}` }, name,
    some.length ? list(some) : h("p", { class: "none now" }, "What do the selected words say? Choose below."));
}

/** @param {any[]} some */
const list = (some) => h("ul", {}, some.map(line));

/** A fact in one line; the current one with what can be done. @param {any} fact */
export function line(fact) {
  const wrong = fact.findings.filter(isWrong);
  const isLit = fact.id === state.fact;
  const sign = wrong.length ? icon("bad", "is is-bad", "finding") : fact.status === "Draft" ? icon("draft", "is is-draft", "draft") : icon("ok", "is is-good", fact.status.toLowerCase() || "fact");
  return h("li", { class: `fact${isLit ? " lit" : ""}`, tabindex: isLit ? 0 : -1, "data-fact": fact.id, onclick: (/** @type {MouseEvent} */ event) => (/** @type {HTMLElement} */ (event.target).closest("button") ? null : act.goToFact(fact.id)) },
    sign,
    h("div", {}, h("p", { class: "says", dir: "auto" }, fact.says), fact.more ? h("p", { class: "more", dir: "auto" }, fact.more) : null),
    h("span", { class: "kind" }, fact.kind),
    fact.findings.map((/** @type {any} */ each) => h("div", { class: `finding ${isWrong(each) ? "" : "mild"}`, role: "note" }, h("p", {}, capital(each.message), each.fix ? `; ${each.fix}` : "", " ", code(each)), mend(each))),
    isLit ? h("div", { class: "do" },
      h("button", { class: "small", onclick: () => act.editFact(fact.id) }, "Change ", kbd("C")),
      fact.status === "Draft" && fact.tree.status ? h("button", { class: "small", onclick: () => act.settle(fact.id) }, "No longer a draft ", kbd("A")) : null,
      h("button", { class: "small quiet", onclick: () => act.removeFact(fact.id) }, "Remove ", kbd("X"))) : null);
}

/** Draws some facts again, where they stand. @param {string[]} ids */
export function relight(...ids) {
  for (const id of new Set(ids)) {
    const fact = factOf(id);
    if (fact) document.querySelector(`[data-fact="${CSS.escape(id)}"]`)?.replaceWith(line(fact));
  }
}

/** Marks the sentence of the chosen words among the facts, and asks there what they say if nothing rests on it yet. */
export function markHere() {
  for (const each of document.querySelectorAll("#facts .group.now")) {
    each.classList.remove("now");
    if (!each.querySelector("[data-fact]")) each.remove();
  }
  if (state.group !== "sentence" || !state.chosen) return;
  const known = by(`f${state.here + 1}`);
  if (known) {
    known.classList.add("now");
    known.scrollIntoView({ block: "nearest" });
    return;
  }
  const after = [...document.querySelectorAll("#facts .group")].find((each) => Number(each.id.slice(1)) > state.here + 1);
  const made = group(state.here, []);
  if (after) after.before(made);
  else by("facts").append(made);
}

/** The one remedy of a finding as a button. @param {any} finding */
export function mend(finding) {
  if (!finding.instead || !finding.fact) return null;
  return h("button", { class: "small", onclick: () => act.mend(finding) }, `Write “${finding.instead}”`);
}
