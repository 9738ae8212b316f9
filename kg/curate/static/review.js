/** The review: what changed since the article was published, whole sentences with the changed words marked; then the
 * answers that change; then publishing, once everything is decided. */

import { act } from "./act.js";
import { Refused, call } from "./api.js";
import { by, counted, h, icon, kbd } from "./dom.js";
import { factOf, state } from "./state.js";
import { drawText } from "./text.js";

/** @type {any} */ let comparison = null;
let now = 0;
let isAsking = false;
let message = "";

const SIGNS = /** @type {Record<string, string[]>} */ ({ added: ["plus", "is-new", "new"], removed: ["minus", "is-bad", "removed"], changed: ["change", "is-draft", "changed"], renamed: ["change", "is-draft", "renamed"], reworded: ["change", "is-draft", "reworded"] });

const path = () => `/api/article/${encodeURIComponent(state.article.id)}`;

/** Draws the review; asks for it first. */
export function drawReview() {
  const pane = by("facts");
  pane.setAttribute("aria-label", "Changes");
  pane.replaceChildren(h("p", { class: "lead-in", role: "status" }, "Comparing with the published graph …"));
  load();
}

async function load() {
  try {
    comparison = await call(`${path()}/review`);
    now = Math.max(0, comparison.changes.findIndex((/** @type {any} */ each) => !each.verdict));
    state.changed = new Set(comparison.changes.map((/** @type {any} */ each) => each.id.split("/")[0]));
    draw();
  } catch (error) {
    by("facts").replaceChildren(h("div", { class: "finding", role: "note" }, h("p", {}, error instanceof Error ? error.message : String(error))));
  }
}

function draw() {
  const { changes } = comparison;
  state.fact = changes[now] && !changes[now].verdict ? changes[now].id.split("/")[0] : "";
  drawText();
  const { curation } = state.article;
  by("facts").replaceChildren(
    h("div", { class: "pane-head" }, h("h2", {}, "Changes ", h("small", {}, String(changes.length))), h("p", { class: "legend" }, `${curation.status ?? "no status"}${curation.reviewer ? `, reviewed by ${[curation.reviewer].flat().join(", ")}` : ""}; by ${[curation.curator ?? "nobody"].flat().join(", ")}`)),
    message ? h("p", { class: "lead-in", role: "status" }, message) : "",
    comparison.problem ? h("div", { class: "finding", role: "note" }, h("p", {}, "The graph cannot be compared before this is mended: ", comparison.problem)) : "",
    comparison.first ? h("p", { class: "lead-in" }, "Nothing of this project has been published yet: every fact is new.") : "",
    !changes.length && !comparison.problem && !comparison.first ? h("div", { class: "empty" }, h("p", {}, h("b", {}, "No changes."), " The published graph says what the file says.")) : "",
    h("ul", { class: "changes" }, changes.map(item)),
    notes(), answers(), h("div", { id: "publishing" }));
  act.keys();
}

/** @param {any} each @param {number} k */
function item(each, k) {
  const [sign, look, word] = SIGNS[each.how] ?? SIGNS.changed;
  const fact = factOf(each.id.split("/")[0]);
  const verdict = each.verdict?.[0];
  const isNow = k === now && !verdict;
  return h("li", { class: `item${isNow ? " now" : ""}${verdict ? " done" : ""}${each.how === "removed" ? " gone" : ""}`, tabindex: isNow ? 0 : -1, "data-change": each.id, onclick: () => { if (!verdict && k !== now) move(k); } },
    icon(sign, `is ${look}`, word),
    h("div", {}, h("p", { class: "says", dir: "auto" }, each.says),
      each.values.map((/** @type {any} */ value) => h("p", { class: "why" }, `${value.property} `, value.before.map((/** @type {string} */ old) => [h("del", {}, old), " "]), value.after.map((/** @type {string} */ fresh) => [h("ins", {}, fresh), " "]))),
      isNow && fact?.tree.quote ? h("p", { class: "why" }, "rests on ", [fact.tree.quote].flat().map((quote) => [h("q", { dir: "auto" }, quote), " "])) : null),
    verdict ? h("p", { class: `verdict${verdict === "back" ? " back" : ""}` }, verdict === "back" ? "Sent back " : "Accepted ", h("button", { class: "link", onclick: () => decide(each, "") }, "undo")) : h("p", { class: "side" }, `${word} ${fact?.kind ?? ""}`),
    verdict === "back" ? h("div", { class: "sent" }, each.verdict[1]) : null,
    isNow ? h("div", { class: "do" }, isAsking ? reason(each) : [h("button", { class: "small primary", onclick: () => decide(each, "accepted") }, "Accept ", kbd("A")), h("button", { class: "small", onclick: ask }, "Send back ", kbd("B")), fact ? h("button", { class: "small", onclick: () => act.editFact(fact.id) }, "Change ", kbd("C")) : null]) : null);
}

/** @param {any} each */
function reason(each) {
  const input = h("input", { id: "reason", "aria-label": "What is to be mended", placeholder: "What is to be mended?", dir: "auto" });
  const send = () => { if (input.value.trim()) decide(each, "back", input.value.trim()); else input.focus(); };
  return h("form", { class: "asking", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); send(); }, onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === "Escape") { event.stopPropagation(); isAsking = false; draw(); } } }, input, h("button", { class: "small primary" }, "Send back"));
}

function ask() {
  isAsking = true;
  draw();
  by("reason").focus();
}

/** The notes of curators and reviewers. */
function notes() {
  const some = state.article.facts.filter((/** @type {any} */ fact) => fact.tree.note);
  return some.length ? h("section", { class: "answers" }, h("h2", {}, "Notes ", h("small", {}, String(some.length))), h("dl", {}, some.map((/** @type {any} */ fact) => h("div", {}, h("dt", {}, fact.says), h("dd", {}, h("span", {}, [fact.tree.note].flat().join(" "))))))) : "";
}

function answers() {
  const { answers: changed, compared } = comparison;
  if (comparison.first || comparison.problem) return "";
  return h("section", { class: "answers" }, h("h2", {}, "Answers that will change ", h("small", {}, `${changed.length} of ${compared}`)),
    h("dl", {}, changed.map((/** @type {any} */ each) => h("div", {}, h("dt", {}, each.question, h("small", {}, each.name)), h("dd", {},
      each.removed.map((/** @type {string} */ row) => h("p", { class: "less" }, row)), each.added.map((/** @type {string} */ row) => h("p", {}, row)), each.more ? h("span", { class: "faint" }, `and ${counted(each.more, "row")} more`) : null)))),
    h("p", {}, changed.length ? "Of all articles as they are now, questions that need no parameter." : "No answer changes, of questions that need no parameter."));
}

/** @param {any} each @param {string} verdict @param {string} [why] */
async function decide(each, verdict, why = "") {
  isAsking = false;
  try {
    const answer = await call(`${path()}/verdict`, { key: each.key, id: each.id, verdict, reason: why });
    each.verdict = verdict ? [verdict, why] : null;
    act.taken(answer.article, true);
    const open = comparison.changes.findIndex((/** @type {any} */ other) => !other.verdict);
    now = verdict ? open : comparison.changes.indexOf(each);
    message = "";
  } catch (error) {
    message = error instanceof Error ? error.message : String(error);
  }
  draw();
  /** @type {HTMLElement | null} */ (document.querySelector(".item.now"))?.focus();
}

/** @param {number} k */
function move(k) {
  now = k;
  isAsking = false;
  draw();
  /** @type {HTMLElement | null} */ (document.querySelector(".item.now"))?.focus();
}

const left = () => (comparison ? comparison.changes.filter((/** @type {any} */ each) => !each.verdict).length : 0);

/** The line of keys of a review. */
export function reviewLine() {
  if (!comparison) return [h("p", { class: "what" }, "Comparing")];
  const open = left();
  return [
    h("p", { class: "what" }, h("b", {}, `${open} of ${comparison.changes.length}`), " still to decide"),
    h("p", { class: "end" }, h("span", { class: "hint wide" }, kbd("J"), kbd("K"), " next, previous"), h("span", { class: "hint wide" }, kbd("A"), " accept"), h("span", { class: "hint wide" }, kbd("B"), " send back"),
      h("button", { class: "primary", "aria-disabled": open ? "true" : null, onclick: () => (open ? null : askPublish()) }, open ? "Build and publish, when all are decided" : "Build and publish")),
  ];
}

function askPublish() {
  const input = h("input", { id: "reviewer", "aria-label": "Your name or initials as the reviewer", placeholder: "Your name or initials", value: localStorage.getItem("kg-reviewer") ?? "", required: true });
  const place = by("publishing");
  place.replaceChildren(h("form", { class: "asking", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); publish(input.value.trim()); } }, h("label", { for: "reviewer" }, "Reviewed by"), input, h("button", { class: "small primary" }, "Publish")));
  input.focus();
  place.scrollIntoView({ block: "nearest" });
}

/** @param {string} reviewer */
async function publish(reviewer) {
  if (!reviewer) return;
  localStorage.setItem("kg-reviewer", reviewer);
  by("publishing").replaceChildren(h("p", { class: "lead-in", role: "status" }, "Building …"));
  try {
    const answer = await call("/api/publish", { article: state.article.id, reviewer });
    message = answer.generation ? `Published as generation ${answer.generation}.` : `Not published: ${answer.problems.join("; ")}`;
    act.reload();
    await load();
  } catch (error) {
    message = error instanceof Refused ? error.message : "The server is away; nothing was published.";
    draw();
  }
}

/** @param {string} key */
export function pressed(key) {
  const each = comparison?.changes[now];
  if (key === "j") move(Math.min(now + 1, comparison.changes.length - 1));
  else if (key === "k") move(Math.max(now - 1, 0));
  else if (!each || each.verdict) return false;
  else if (key === "a") decide(each, "accepted");
  else if (key === "b") ask();
  else if (key === "c" && factOf(each.id.split("/")[0])) act.editFact(each.id.split("/")[0]);
  else return false;
  return true;
}
