/** What the rules and models propose, beside its sentence: to accept, to change, or to refuse, one by one. */

import { act } from "./act.js";
import { Refused, call } from "./api.js";
import { by, counted, h, icon, kbd } from "./dom.js";
import { classOf, nameOf, sentencesOf, state } from "./state.js";

let now = 0;
let remarks = /** @type {string[]} */ ([]);

/** Asks for the proposals. */
export async function load() {
  const answer = await call(`/api/article/${encodeURIComponent(state.article.id)}/proposals`);
  take(answer);
}

/** @param {any} answer */
function take(answer) {
  Object.assign(state.article.names, answer.names);
  const done = (state.proposals ?? []).filter((each) => each.done);
  const open = answer.proposals.filter((/** @type {any} */ each) => !done.some((old) => old.id === each.id));
  state.proposals = [...done, ...open].sort((a, b) => a.start - b.start);
  for (const each of state.proposals) {
    each.range = { start: state.words.unit(each.start), end: state.words.unit(each.end) };
    each.home = sentencesOf([each.range])[0] ?? -1;
  }
  remarks = [...answer.remarks, ...answer.dropped.map((/** @type {string} */ each) => `Dropped, because the compiler refuses it: ${each}`)];
  now = state.proposals.findIndex((each) => !each.done);
}

/** Draws the proposals, and their words in the text. */
export function drawProposals() {
  const pane = by("facts");
  pane.setAttribute("aria-label", "Proposals");
  if (!state.proposals) {
    pane.replaceChildren(h("p", { class: "lead-in", role: "status" }, "Reading the text …"));
    load().then(() => act.view("proposals"), (error) => pane.replaceChildren(h("div", { class: "finding", role: "note" }, h("p", {}, error.message, error.fix ? `; ${error.fix}` : "")), back()));
    return;
  }
  const all = state.proposals;
  const sources = [...new Set(all.map((each) => (each.source === "rules" ? "by rules" : `by the model ${each.source}`)))];
  const homes = [...new Set(all.map((each) => each.home))];
  pane.replaceChildren(
    h("div", { class: "pane-head" }, h("div", { class: "switch", role: "group", "aria-label": "Show" }, h("button", { class: "way", "aria-pressed": "true" }, "Proposals ", h("small", {}, String(all.filter((each) => !each.done).length))), h("button", { class: "way", "aria-pressed": "false", onclick: () => act.view("facts") }, "Facts ", h("small", {}, String(state.article.facts.length)))),
      h("p", { class: "legend" }, sources.join(", and "))),
    h("p", { class: "lead-in" }, "None of this is in the graph. What you accept becomes a draft, for a reviewer to read."),
    all.length ? "" : h("div", { class: "empty" }, h("p", {}, h("b", {}, "Nothing to propose."), " The rules find no more facts in these sentences."), h("p", { class: "row-of" }, h("button", { class: "small", onclick: refuseNone }, "Show refused ones again"))),
    ...homes.map((home) => h("section", { class: `group${all[now]?.home === home ? " now" : ""}` }, h("h3", {}, h("button", { class: "link", onclick: () => act.sentence(home) }, h("span", { class: "unseen" }, "Sentence "), String(home + 1))), h("ul", {}, all.map((each, k) => (each.home === home ? item(each, k) : ""))))),
    remarks.length ? h("details", { class: "remarks" }, h("summary", {}, counted(remarks.length, "remark")), h("ul", {}, remarks.map((each) => h("li", {}, each)))) : "");
}

const back = () => h("p", { class: "row-of" }, h("button", { class: "small", onclick: () => act.view("facts") }, "Back to the facts"));

/** @param {any} each @param {number} k */
function item(each, k) {
  const isNow = k === now && !each.done;
  const kind = classOf(each.type)?.label ?? each.type;
  return h("li", { class: `item${isNow ? " now" : ""}${each.done ? " done" : ""}${each.why ? " barred" : ""}`, tabindex: isNow ? 0 : -1, "data-proposal": each.id, onclick: () => { if (!each.done && k !== now) move(k); } },
    each.done ? icon("draft", "is is-draft") : icon(each.why ? "x" : "plus", `is ${each.why ? "is-bad" : "is-blue"}`),
    h("div", {}, h("p", { class: "says", dir: "auto" }, saying(each)), h("p", { class: "why" }, `${each.source === "rules" ? "rule" : `model ${each.source}`}: ${each.reason}`, Object.values(each.entities).map((/** @type {any} */ tree) => h("i", {}, `new ${classOf(tree.type)?.label ?? ""} ${typeof tree.name === "string" ? tree.name : Object.values(tree.name)[0]}`)))),
    each.done ? h("p", { class: "verdict" }, "Accepted as a draft ", h("button", { class: "link", onclick: () => act.undo() }, "undo")) : h("p", { class: "side" }, kind, h("span", { class: "score" }, each.score.toFixed(2))),
    each.why ? h("div", { class: "finding", role: "note" }, h("p", {}, each.why)) : null,
    isNow ? h("div", { class: "do" }, h("button", { class: "small primary", onclick: accept }, "Accept ", kbd("A")), h("button", { class: "small", onclick: change }, "Change ", kbd("C")), h("button", { class: "small", onclick: refuse }, "Refuse ", kbd("X"))) : null);
}

/** A proposal in one line: whom and what it names. @param {any} each */
function saying(each) {
  const words = Object.entries(each.tree).filter(([key]) => !["type", "quote", "status", "draftedBy"].includes(key)).map(([, value]) => inWords(value, each)).filter(Boolean);
  return words.join(", ") || each.quote;
}

/** @param {any} value @param {any} each @returns {string} */
function inWords(value, each) {
  if (typeof value === "string") return typeof each.entities[value]?.name === "string" ? each.entities[value].name : nameOf(value);
  const inner = Array.isArray(value) ? value : Object.entries(value).filter(([key]) => key !== "type").map(([, one]) => one);
  return inner.map((one) => inWords(one, each)).filter(Boolean).join(", ");
}

/** @param {number} k */
function move(k) {
  now = k;
  act.redraw();
  /** @type {HTMLElement | null} */ (document.querySelector(".item.now"))?.focus();
  document.querySelector(".item.now")?.scrollIntoView({ block: "nearest" });
}

function next() {
  const all = state.proposals ?? [];
  const after = all.findIndex((each, k) => k > now && !each.done);
  move(after >= 0 ? after : all.findIndex((each) => !each.done));
}

/** @param {any} each */
const asDraft = (each) => ({ ...each.tree, ...(state.article.curation.status === "Draft" ? {} : { status: "Draft" }) });

/** @param {any} each */
const editOf = (each) => ({ id: each.id, block: "facts", was: null, now: asDraft(each), entities: each.entities, label: `accepted ${each.id}` });

async function accept() {
  const all = state.proposals ?? [];
  const each = all[now];
  if (!each || each.done) return;
  for (const id of each.after) {
    const needed = all.find((other) => other.id === id);
    if (needed && !needed.done && !(await send(needed))) return;
  }
  if (await send(each)) next();
}

/** @param {any} each */
async function send(each) {
  try {
    const answer = await call(`/api/article/${encodeURIComponent(state.article.id)}/save`, { edit: editOf(each) });
    each.why = answer.saved ? "" : answer.new[0]?.message ?? "The compiler refuses it.";
    each.done = answer.saved;
    if (answer.saved) act.taken(answer.article);
    else act.redraw();
    return answer.saved;
  } catch (error) {
    each.why = error instanceof Refused ? error.message : "The server is away; try again when it is back.";
    act.redraw();
    return false;
  }
}

function change() {
  const each = state.proposals?.[now];
  if (each && !each.done) act.openForm({ id: each.id, kind: each.type, was: null, now: asDraft(each), entities: { ...each.entities }, shown: true });
}

async function refuse() {
  const each = state.proposals?.[now];
  if (!each || each.done) return;
  const { id } = each;
  state.proposals = (state.proposals ?? []).filter((other) => other !== each);
  now = Math.min(now, state.proposals.length - 1);
  const answer = await call(`/api/article/${encodeURIComponent(state.article.id)}/refuse`, { id }).catch(() => null);
  if (answer) take(answer);
  act.redraw();
}

async function refuseNone() {
  take(await call(`/api/article/${encodeURIComponent(state.article.id)}/refuse`, { id: "" }));
  act.redraw();
}

/** After undo: what is no longer a fact is a proposal again. */
export function lookAgain() {
  for (const each of state.proposals ?? []) if (each.done && !state.article.facts.some((/** @type {any} */ fact) => fact.id === each.id)) each.done = false;
}

/** @param {string} key */
export function pressed(key) {
  const all = state.proposals ?? [];
  if (key === "a") accept();
  else if (key === "c") change();
  else if (key === "x") refuse();
  else if (key === "j") move(Math.min(now + 1, all.length - 1));
  else if (key === "k") move(Math.max(now - 1, 0));
  else return false;
  return true;
}
