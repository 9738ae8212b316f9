/** The page of saved lists: shows, renames, removes, exports and imports what this browser keeps. */

import { checked, keep, stored, whenChangedElsewhere } from "./saved.js";

const place = /** @type {HTMLElement} */ (document.getElementById("lists"));
const form = /** @type {HTMLFormElement} */ (document.getElementById("new-list"));
const file = /** @type {HTMLInputElement} */ (document.getElementById("import"));

form.hidden = false;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem("name"));
  const name = input.value.trim();
  if (!name) return;
  const lists = stored();
  if (!lists.lists.some((list) => list.name === name)) lists.lists.push({ name, items: [] });
  lists.current = name;
  input.value = "";
  change(lists);
});
document.getElementById("export")?.addEventListener("click", () => {
  const made = document.createElement("a");
  made.href = `data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(stored(), null, 1))}`;
  made.download = "saved-lists.json";
  made.click();
});
file.addEventListener("change", async () => {
  const [chosen] = file.files ?? [];
  if (!chosen) return;
  const lists = stored();
  try {
    for (const added of checked(JSON.parse(await chosen.text())).lists) {
      const known = lists.lists.find((list) => list.name === added.name);
      if (!known) lists.lists.push(added);
      else known.items.push(...added.items.filter((item) => !known.items.some((each) => each.at === item.at)));
    }
    change(lists);
    says("Imported.");
  } catch {
    says("This file is no saved list: choose one that was exported here.");
  }
  file.value = "";
});
whenChangedElsewhere(show);
show();

/** @param {import("./saved.js").Lists} lists */
function change(lists) {
  keep(lists);
  show();
}

function show() {
  const lists = stored();
  place.replaceChildren(...lists.lists.map((list, k) => section(lists, list, k)));
}

/**
 * @param {import("./saved.js").Lists} lists
 * @param {import("./saved.js").List} list
 * @param {number} k
 */
function section(lists, list, k) {
  const made = document.createElement("section");
  made.setAttribute("aria-labelledby", `list-${k}`);
  const heading = document.createElement("h2");
  heading.id = `list-${k}`;
  const name = document.createElement("bdi");
  name.textContent = list.name;
  const count = document.createElement("small");
  count.textContent = String(list.items.length);
  heading.append(name, " ", count);
  const actions = document.createElement("p");
  actions.className = "tools";
  if (lists.lists.length > 1) {
    const here = lists.current === list.name;
    actions.append(
      button(here ? "New pages are saved here" : "Save new pages here", `into ${list.name}`, () => change({ ...lists, current: list.name }), here),
      button("Delete the list", list.name, () => change(checked({ ...lists, lists: lists.lists.filter((each) => each !== list) }))),
    );
  }
  const items = document.createElement("ul");
  items.className = "plain bonds";
  for (const item of list.items) items.append(entry(lists, list, item));
  made.append(heading, actions, list.items.length ? items : empty());
  return made;
}

/**
 * @param {import("./saved.js").Lists} lists
 * @param {import("./saved.js").List} list
 * @param {import("./saved.js").Item} item
 */
function entry(lists, list, item) {
  const made = document.createElement("li");
  const link = document.createElement("a");
  link.href = item.at;
  const label = document.createElement("bdi");
  label.textContent = item.label;
  link.append(label);
  const kind = document.createElement("small");
  kind.className = "faint";
  kind.textContent = item.kind;
  made.append(link, " ", kind, " ", button("Remove", item.label, () => {
    list.items = list.items.filter((each) => each !== item);
    change(lists);
  }));
  return made;
}

/**
 * @param {string} words
 * @param {string} what is read aloud after the words
 * @param {() => void} pressed
 * @param {boolean} [isOn]
 */
function button(words, what, pressed, isOn = false) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "quiet";
  made.textContent = words;
  made.disabled = isOn;
  made.setAttribute("aria-label", `${words}: ${what}`);
  made.addEventListener("click", pressed);
  return made;
}

function empty() {
  const made = document.createElement("p");
  made.className = "faint";
  made.textContent = "Nothing yet. Each person, fact, article, answer and list has a button “Save”.";
  return made;
}

/** @param {string} words */
function says(words) {
  const place = document.getElementById("said");
  if (place) place.textContent = words;
}
