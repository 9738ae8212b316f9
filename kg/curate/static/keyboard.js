/** The keyboard: what a key means in the text, in lists, and everywhere. All else asks `act`. */

import { act } from "./act.js";
import { by, isField } from "./dom.js";
import { hasLetters, help } from "./help.js";
import { kindOf } from "./kinds.js";
import * as proposals from "./proposals.js";
import * as review from "./review.js";
import { state } from "./state.js";
import { chooseSentence, nextBare, step } from "./text.js";

const REGIONS = ["title", "text", "facts", "keys"];

function nextRegion() {
  const now = REGIONS.findIndex((name) => by(name).contains(document.activeElement));
  for (let k = 1; k <= REGIONS.length; k += 1) {
    const region = by(REGIONS[(now + k + REGIONS.length) % REGIONS.length]);
    const target = region.tabIndex >= 0 ? region : (region.id === "title" ? document.querySelector(".doing button") : region.querySelector("button"));
    if (target) {
      /** @type {HTMLElement} */ (target).focus();
      return;
    }
  }
}

/** @param {KeyboardEvent} event */
export function pressed(event) {
  if (by("all-keys").open) return;
  if (commanded(event) || (!isField(event.target) && !event.ctrlKey && !event.metaKey && moved(event))) event.preventDefault();
}

/** Keys that mean the same everywhere. @param {KeyboardEvent} event */
function commanded(event) {
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (key === "f6") nextRegion();
  else if (key === "f8") act.nextFinding();
  else if (command && key === "enter" && state.view === "form") act.saveForm();
  else if (command && key === "k" && (state.view === "form" || state.chosen)) act.view("choose");
  else if (event.altKey && key === "q" && state.view === "form") state.form.addQuote();
  else if (command && key === "z" && !isField(event.target)) (event.shiftKey ? act.redo : act.undo)();
  else if (command && (key === "arrowright" || key === "arrowleft") && !isField(event.target)) chooseSentence(state.chosen ? state.here + (key === "arrowright" ? 1 : -1) : state.here);
  else return false;
  return true;
}

/** Keys outside of fields. @param {KeyboardEvent} event */
function moved(event) {
  const { key } = event;
  const inText = by("text").contains(event.target) || event.target === document.body;
  if (event.target instanceof HTMLButtonElement && (key === "Enter" || key === " ")) return false;
  if (key === "Escape") act.letGo();
  else if (key === "?") help();
  else if (inText && key === "ArrowRight") step(1, event.shiftKey);
  else if (inText && key === "ArrowLeft") step(-1, event.shiftKey);
  else if (inText && key === "Enter" && state.chosen && state.view !== "form") act.view("choose");
  else if (key.length === 1 && hasLetters() && !event.altKey) return lettered(key.toLowerCase(), inText);
  else if (!inText && (key === "ArrowDown" || key === "ArrowUp") && state.view === "facts" && state.fact) act.nextFact(key === "ArrowDown" ? 1 : -1);
  else if (!inText && key === "Enter" && state.fact && state.view === "facts") act.editFact(state.fact);
  else return false;
  return true;
}

/** @param {string} key @param {boolean} inText */
function lettered(key, inText) {
  if (state.isOpening) return true;
  if (state.view === "proposals" && proposals.pressed(key)) return true;
  if (state.view === "review" && review.pressed(key)) return true;
  if (key === "n") nextBare();
  else if (inText && state.chosen && state.view !== "form" && kindOf(key)) act.startForm(/** @type {string} */ (kindOf(key)));
  else if (state.view !== "facts") return false;
  else if (key === "j") act.nextFact(1);
  else if (key === "k") act.nextFact(-1);
  else if (!state.fact) return false;
  else if (key === "c") act.editFact(state.fact);
  else if (key === "x") act.removeFact(state.fact);
  else if (key === "a") act.settle(state.fact);
  else return false;
  return true;
}
