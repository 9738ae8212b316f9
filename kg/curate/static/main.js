/** The bench: one page that knows one article, and sends each decision to the server that writes its file. */

import { act } from "./act.js";
import { Away, Refused, addressOf, call, whenServerChanges, written } from "./api.js";
import { drawBar, drawKeys, drawSaved } from "./bar.js";
import { drawConflict } from "./conflict.js";
import { by, h } from "./dom.js";
import { drawFacts, markHere, relight } from "./facts.js";
import { Form, forgetDraft, keptDraft } from "./form.js";
import { help } from "./help.js";
import { pressed } from "./keyboard.js";
import { drawChoose, giveLetters, labelOf, letterOf, noteUse } from "./kinds.js";
import * as proposals from "./proposals.js";
import * as review from "./review.js";
import { ONE_PANE, drawSheet, openSheet } from "./sheet.js";
import { drawStart } from "./start.js";
import { chosenWords, factOf, isWrong, state, take } from "./state.js";
import { choose, chooseSentence, drawSentences, drawText, followText } from "./text.js";

const LOOK_EVERY = 2000; // milliseconds between two looks at the file
const ASK_AFTER = 120; // milliseconds after the last change of the selection
const id = new URLSearchParams(location.search).get("article") ?? "";
const path = `/api/article/${encodeURIComponent(id)}`;

/** @type {any} an edit that the server could not be given */
let pending = null;
let isKeptUp = false; // whether the draft was offered and let go

// -------- drawing

function drawPane() {
  document.body.dataset.view = state.view;
  if (state.view === "form") state.form.draw();
  else if (state.view === "choose") drawChoose();
  else if (state.view === "proposals") proposals.drawProposals();
  else if (state.view === "review") review.drawReview();
  else drawFacts();
}

function drawAll() {
  drawBar();
  drawText();
  drawPane();
  drawKeys();
}

/** Shows a view on the right. @param {string} view */
function show(view) {
  const isMarked = (/** @type {string} */ each) => each === "proposals" || each === "review";
  const isOtherText = isMarked(state.view) || isMarked(view);
  state.view = view;
  if (view !== "form") state.form = null; // what was typed in it is kept, and offered again
  if (view === "review") state.chosen = null;
  drawBar();
  if (isOtherText) drawText();
  drawPane();
  drawKeys();
  tab(view === "facts" && !state.fact ? document.body.dataset.tab ?? "text" : view === "facts" ? document.body.dataset.tab ?? "facts" : "facts");
}

/** @param {string} name */
function tab(name) {
  document.body.dataset.tab = name;
  drawBar();
  drawSheet();
}

/** Takes the article as the server has it now. @param {any} article @param {boolean} [quiet] whether the pane stays */
function taken(article, quiet = false) {
  const { here, fact } = state;
  take(article);
  state.here = here;
  state.fact = factOf(fact) ? fact : "";
  proposals.lookAgain();
  drawSaved("saved");
  drawBar();
  drawText();
  if (!quiet) drawPane();
  drawKeys();
  drawSheet();
}

// -------- facts

/** @param {string} fact */
function goToFact(fact) {
  const before = factOf(state.fact);
  state.fact = fact;
  const now = factOf(fact);
  if (!now) return;
  if (state.view !== "facts") {
    if (state.view === "form") return;
    show("facts");
  }
  const isOther = !document.querySelector("#facts [data-fact]");
  const touched = new Set([...(/** @type {any} */ (before)?.sentences ?? []), .../** @type {any} */ (now).sentences, state.here]);
  if (/** @type {any} */ (now).home >= 0) state.here = /** @type {any} */ (now).home;
  touched.add(state.here);
  drawSentences(touched);
  drawBar();
  if (isOther) drawFacts();
  else relight(before?.id ?? fact, fact);
  drawKeys();
  if (matchMedia(ONE_PANE).matches && document.body.dataset.tab === "text") openSheet(true);
  const line = /** @type {HTMLElement | null} */ (document.querySelector(`[data-fact="${CSS.escape(fact)}"]`));
  line?.focus({ preventScroll: true });
  line?.scrollIntoView({ block: "nearest" });
}

/** @param {number} by_ */
function nextFact(by_) {
  const lines = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-fact]")]);
  const now = lines.findIndex((each) => each.dataset.fact === state.fact);
  const next = lines[Math.max(0, Math.min(now + by_, lines.length - 1))];
  if (next) goToFact(next.dataset.fact ?? "");
}

function nextFinding() {
  if (state.view === "form") {
    state.form.nextFinding();
    return;
  }
  const wrong = state.article.facts.filter((/** @type {any} */ fact) => fact.findings.some(isWrong));
  if (!wrong.length) return;
  const now = wrong.findIndex((/** @type {any} */ fact) => fact.id === state.fact);
  tab("facts");
  goToFact(wrong[(now + 1) % wrong.length].id);
}

function nextDraft() {
  const drafts = state.article.facts.filter((/** @type {any} */ fact) => fact.status === "Draft");
  const now = drafts.findIndex((/** @type {any} */ fact) => fact.id === state.fact);
  tab("facts");
  if (drafts.length) goToFact(drafts[(now + 1) % drafts.length].id);
}

// -------- the form

/** @param {any} of */
function openForm(of) {
  state.form = new Form(of);
  show("form");
}

/** Begins a fact from the chosen words. @param {string} kind */
async function startForm(kind) {
  if (!kind || !state.forms.classes[kind]) return;
  state.isOpening = true;
  const range = state.chosen;
  const words = chosenWords();
  let begun = { tree: { type: kind }, id: "", names: {} };
  try {
    if (range) begun = await call(`${path}/words`, { kind, start: state.words.point(range.start), end: state.words.point(range.end) });
    Object.assign(state.article.names, begun.names);
  } catch {
    // without the server the form begins with the words alone
  }
  state.isOpening = false;
  openForm({ id: begun.id || free(labelOf(kind).toLowerCase().replace(/[^a-z0-9]+/g, "-")), kind, was: null, now: { ...begun.tree, ...(words ? { quote: words } : {}) } });
}

/** @param {string} wished */
function free(wished) {
  let made = wished;
  for (let k = 2; factOf(made); k += 1) made = `${wished}-${k}`;
  return made;
}

/** @param {string} fact */
function editFact(fact) {
  const now = factOf(fact);
  if (!now || !state.forms.classes[now.type]) return;
  state.fact = fact;
  openForm({ id: fact, kind: now.type, was: now.tree, now: now.tree });
}

/** Edits what is known of the article itself. */
/** @param {"article" | "curation"} [block] */
function editHead(block = "article") {
  const { article, forms } = state;
  const now = block === "article" ? article.head : article.curation;
  openForm({ id: "", block, kind: forms.heads[block], was: now, now });
}

async function saveForm() {
  const { form } = state;
  form.askedToSave = true;
  document.querySelector("#keys .what")?.replaceChildren("Saving …");
  await save(form.edit, form);
}

/** Sends a step, and shows what came of it. @param {any} edit @param {any} form */
async function save(edit, form) {
  try {
    const answer = await call(`${path}/save`, { edit });
    pending = null;
    if (answer.saved) {
      if (form?.isNew && edit.block === "facts") noteUse(form.kind);
      if (form) closeForm(edit);
      taken(answer.article, Boolean(state.form));
      if (form) focusAfter(edit);
      return true;
    }
    drawSaved("kept");
    if (form) {
      form.answer = answer;
      form.isBarred = true;
      form.drawFindings();
      form.nextFinding();
    } else say(answer.new[0]?.message ?? "That cannot be written.");
  } catch (error) {
    if (error instanceof Away) {
      pending = edit;
      drawSaved("away");
    } else if (error instanceof Refused && error.status === 409) conflict(form ?? { edit, id: edit.id, quotes: [] }, error.theirs);
    else if (form && error instanceof Refused) {
      form.refuse(error);
      form.drawFindings();
    } else say(error instanceof Error ? error.message : String(error));
  }
  return false;
}

/** @param {any} edit */
function closeForm(edit) {
  forgetHere();
  state.form = null;
  state.fact = edit.now ? edit.id : "";
  state.chosen = null;
  state.meant = null;
  state.view = state.proposals && state.view === "proposals" ? "proposals" : "facts";
}

function forgetHere() {
  isKeptUp = false;
  forgetDraft();
}

/** @param {any} edit */
function focusAfter(edit) {
  drawAll();
  const line = /** @type {HTMLElement | null} */ (document.querySelector(`[data-fact="${CSS.escape(edit.id)}"]`));
  line?.scrollIntoView({ block: "nearest" });
  by("text").focus({ preventScroll: true });
}

function discardForm() {
  forgetHere();
  drawSaved("saved");
  state.form = null;
  show("facts");
  by("text").focus({ preventScroll: true });
}

/** Says something in the pane of facts. @param {string} note */
function say(note) {
  state.article.note = note;
  if (state.view === "facts") drawFacts();
}

// -------- what the whole page can do

/** @param {any} form @param {any} theirs */
function conflict(form, theirs) {
  drawSaved("changed");
  drawConflict(form, theirs);
  tab("facts");
}

Object.assign(act, {
  view: show,
  tab,
  keys: drawKeys,
  saved: drawSaved,
  help,
  taken,
  openForm,
  startForm,
  editFact,
  editHead,
  saveForm,
  discardForm,
  conflict,
  goToFact,
  nextFact,
  nextFinding,
  nextDraft,
  keptDraft: () => (isKeptUp || state.form ? null : keptDraft()),
  kindLabel: labelOf,
  letter: letterOf,
  reviewLine: review.reviewLine,
  redraw() {
    drawBar();
    drawText();
    drawPane();
    drawKeys();
  },
  group(/** @type {"sentence" | "kind"} */ way) {
    state.group = way;
    drawFacts();
  },
  sentence(/** @type {number} */ number) {
    tab("text");
    chooseSentence(number);
    openSheet(true);
  },
  chosen() {
    drawBar();
    drawKeys();
    if (state.view === "facts") markHere();
    drawSheet();
    clearTimeout(asking);
    asking = setTimeout(ask, ASK_AFTER);
  },
  chooseUnique() {
    const { start, end } = state.meant.unique;
    choose({ start: state.words.unit(start), end: state.words.unit(end) });
  },
  afterQuote() {
    state.chosen = null;
    drawText();
    drawKeys();
  },
  letGo,
  takeUp() {
    const { edit, kind } = keptDraft();
    openForm({ id: edit.id, block: edit.block, kind, was: edit.was, now: edit.now, entities: edit.entities, shown: true });
    state.form.hasChanged = true;
  },
  letDraftGo() {
    isKeptUp = true;
    forgetDraft();
    drawFacts();
  },
  keepMine(/** @type {any} */ form, /** @type {any} */ theirs) {
    form.was = theirs;
    save({ ...form.edit, was: theirs }, form instanceof Form ? form : null);
  },
  async takeTheirs() {
    forgetHere();
    state.form = null;
    state.view = "facts";
    await reload();
  },
  async removeFact(/** @type {string} */ fact) {
    const now = factOf(fact);
    if (now && (await save({ id: fact, block: "facts", was: now.tree, now: null, entities: {}, label: `removal of ${fact}` }, null))) say(`'${fact}' was removed. Ctrl Z brings it back.`);
  },
  settle(/** @type {string} */ fact) {
    const now = factOf(fact);
    if (!now) return;
    const { status, ...rest } = now.tree;
    if (status) save({ id: fact, block: "facts", was: now.tree, now: rest, entities: {}, label: `${fact} is no draft` }, null);
  },
  mend(/** @type {any} */ finding) {
    const now = factOf(finding.fact);
    if (!now || !finding.path.length) return;
    const tree = structuredClone(now.tree);
    let holder = tree;
    for (const part of finding.path.slice(0, -1)) holder = holder?.[part];
    if (!holder || typeof holder[finding.path.at(-1)] !== "string") return;
    holder[finding.path.at(-1)] = finding.instead;
    save({ id: finding.fact, block: "facts", was: now.tree, now: tree, entities: {}, label: `correction of ${finding.fact}` }, null);
  },
  undo: () => back("undo"),
  redo: () => back("redo"),
  reload,
});

let asking = 0;

async function ask() {
  const range = state.chosen;
  if (!range) return;
  try {
    const meant = await call(`${path}/words`, { start: state.words.point(range.start), end: state.words.point(range.end) });
    if (state.chosen !== range) return;
    state.meant = meant;
    if (state.view === "facts" || state.view === "form") drawKeys();
  } catch {
    // the kinds can still be searched
  }
}

function letGo() {
  openSheet(false);
  choose(null);
  if (state.view === "choose") show("facts");
  by("text").focus({ preventScroll: true });
}

/** @param {"undo" | "redo"} way */
async function back(way) {
  try {
    const answer = await call(`${path}/${way}`, {});
    state.form = null;
    if (state.view === "form") state.view = "facts";
    taken(answer.article);
    if (answer.step) say(`${way === "undo" ? "Undone" : "Done again"}: ${answer.step}.`);
  } catch (error) {
    if (error instanceof Refused) say(`${error.message}, so it stays as it is.`);
    else drawSaved("away");
  }
}

async function reload() {
  const article = await call(path);
  taken(article, state.view === "form" || state.view === "review");
}

/** Looks whether someone else has written the file. */
async function look() {
  const mine = written();
  if (document.hidden || !state.article || Number.isNaN(mine)) return;
  try {
    const { stamp } = await call(`${path}/stamp`);
    if (stamp === state.article.stamp || written() !== mine) return;
    const before = state.article.facts.length;
    await reload();
    drawSaved("changed");
    say(`${state.article.path} was changed outside this bench; its changes are here now (${before} facts before, ${state.article.facts.length} now).`);
    if (state.form) state.form.try_();
  } catch {
    // a later look will tell
  }
}

// -------- beginning

async function begin() {
  if (!id) {
    await drawStart();
    return;
  }
  const [article, forms] = await Promise.all([call(path), call("/api/forms")]);
  state.forms = forms;
  giveLetters();
  take(article);
  drawSaved("saved");
  drawAll();
  followText();
  document.addEventListener("keydown", pressed);
  setInterval(look, LOOK_EVERY);
  addEventListener("focus", look);
}

whenServerChanges((isThere) => {
  if (!isThere) drawSaved("away");
  else if (pending) save(state.form ? state.form.edit : pending, state.form); // with what was typed meanwhile
  else drawSaved("saved");
});

begin().catch((error) => {
  by("title").textContent = "The bench cannot open this";
  by("text").replaceChildren(h("div", { class: "finding", role: "alert" }, h("p", {}, error.message, error.fix ? `; ${error.fix}` : "")), h("p", {}, h("a", { href: addressOf("") }, "All articles")));
});
