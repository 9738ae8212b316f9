/** Draws figures with `<data data-first data-last>` as timelines; the list below them has the same content.
 * `data-sometime` means a single time within these days, drawn as a dashed bar. If the first or last day is empty, the
 * start or end is unknown: the bar extends to the edge of the timeline and fades. */

/* global vis */

/** How many entries of one group on the same days are drawn one by one. */
const FEW = 3;

for (const figure of document.querySelectorAll("figure[data-timeline]")) draw(/** @type {HTMLElement} */ (figure));

/** @param {HTMLElement} figure */
function draw(figure) {
  const all = [...figure.querySelectorAll("data")].map((data) => /** @type {HTMLElement} */ (data).dataset);
  if (new Set(all.map(daysOf)).size < 2 || typeof vis === "undefined") return;
  const entries = gathered(all);
  figure.classList.add("drawn");
  const exact = entries.filter((entry) => entry.sometime === undefined && entry.first && entry.last);
  const closed = entries.map((entry) => ({ ...entry, first: entry.first || entry.last, last: entry.last || entry.first }));
  const [begins, ends] = bulk(exact.length > 1 ? exact : closed);
  const narrow = figure.clientWidth < 600;
  const room = Math.max(ends - begins, 1000 * 60 * 60 * 24 * 30);
  const order = (figure.dataset.groups ?? "").split("|");
  const groups = [...new Set(entries.map((entry) => entry.group).filter(Boolean))];
  const opens = begins - room * 0.05;
  const shuts = ends + room * (narrow ? 2.4 : 0.55);
  const least = Math.min(opens, ...closed.map((entry) => day(entry.first, 0).getTime()));
  const most = Math.max(shuts, ...closed.map((entry) => day(entry.last, 1).getTime()));
  const items = entries.map((entry, id) => {
    const start = entry.first ? day(entry.first, 0) : new Date(least);
    const end = entry.last ? day(entry.last, 1) : new Date(most);
    const open = !entry.first || !entry.last;
    const classes = [entry.sometime === undefined ? "" : "sometime", entry.first ? "" : "open-start", entry.last ? "" : "open-end"];
    return {
      id,
      content: text(entry.label ?? "", narrow ? 22 : Math.round(figure.clientWidth / 24)),
      start,
      ...(!open && end.getTime() - start.getTime() <= room / 30 ? { type: "point" } : { end, type: "range" }),
      className: classes.filter(Boolean).join(" "),
      ...(entry.group ? { group: entry.group } : {}),
      title: undefined,
    };
  });
  const options = {
    start: opens,
    end: shuts,
    minHeight: "12rem",
    maxHeight: "50rem",
    verticalScroll: true,
    zoomKey: "ctrlKey",
    zoomMin: 1000 * 60 * 60 * 24 * 3,
    orientation: { axis: "bottom", item: "top" },
    groupOrder: "order",
    showCurrentTime: false,
    selectable: true,
    stack: true,
    showTooltips: false,
    margin: { item: { horizontal: 4, vertical: 4 } },
    xss: { disabled: false },
  };
  const made = groups.length
    ? new vis.Timeline(figure, items, groups.map((id) => ({ id, content: text(id ?? "", 20), order: order.indexOf(id ?? "") })), options)
    : new vis.Timeline(figure, items, options);
  made.on("changed", () => {
    for (const panel of figure.querySelectorAll(".vis-vertical-scroll")) panel.setAttribute("tabindex", "0"); // scrolls by keys too
  });
  made.on("select", (/** @type {{items: number[]}} */ event) => {
    const at = entries[event.items[0]]?.at;
    if (at) location.assign(at);
  });
  const outside = closed.filter((entry) => day(entry.last, 1).getTime() < opens || day(entry.first, 0).getTime() > shuts);
  if (outside.length) addNote(figure, outside, new Date(opens), () => made.fit());
}

/** @param {DOMStringMap} entry */
function daysOf(entry) {
  return `${entry.first} ${entry.last} ${entry.sometime}`;
}

/**
 * Returns the entries; more than a few of one group on the same days are one entry, which leads to them.
 * @param {DOMStringMap[]} entries
 */
function gathered(entries) {
  /** @type {Map<string, DOMStringMap[]>} */
  const sets = new Map();
  for (const entry of entries) {
    const key = `${daysOf(entry)} ${entry.group}`;
    sets.set(key, [...(sets.get(key) ?? []), entry]);
  }
  return [...sets.values()].flatMap((same) => (same[0].group && same.length > FEW ? [asOne(same)] : same));
}

/**
 * @param {DOMStringMap[]} same
 * @returns {DOMStringMap}
 */
function asOne(same) {
  const [{ group = "", first = "", last = "" }] = same;
  const here = new URL(location.href);
  here.searchParams.delete("from");
  for (const [key, value] of [["since", first], ["until", last]]) if (value) here.searchParams.set(key, value);
  return { ...same[0], label: `${same.length} ${group.toLowerCase()}`, at: `${here.pathname}${here.search}` };
}

/**
 * Adds a note on how many entries are outside the days shown at first, with a button that shows them.
 * @param {HTMLElement} figure
 * @param {DOMStringMap[]} outside
 * @param {Date} opens
 * @param {() => void} show
 */
function addNote(figure, outside, opens, show) {
  const earlier = outside.filter((entry) => day(entry.last || entry.first, 1) < opens).map((entry) => (entry.first || entry.last || "").slice(0, 4)).sort();
  const later = outside.length - earlier.length;
  const note = document.createElement("p");
  note.className = "outside small";
  const years = earlier.length ? (earlier[0] === earlier[earlier.length - 1] ? earlier[0] : `${earlier[0]} to ${earlier[earlier.length - 1]}`) : "";
  note.append([earlier.length ? `${earlier.length} earlier (${years})` : "", later ? `${later} later` : ""].filter(Boolean).join(", "), " ");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Show all years";
  button.addEventListener("click", () => {
    show();
    note.remove();
  });
  note.append(button);
  figure.prepend(note);
}

/**
 * Returns the first and last moment of most entries, so that a few distant or long ones do not squeeze the others.
 * @param {DOMStringMap[]} entries
 */
function bulk(entries) {
  const sorted = (/** @type {number[]} */ moments) => moments.sort((one, other) => one - other);
  const firsts = sorted(entries.map((entry) => day(entry.first, 0).getTime()));
  const lasts = sorted(entries.map((entry) => day(entry.last, 1).getTime()));
  const few = Math.floor(entries.length / 10);
  return [firsts[few], lasts[lasts.length - 1 - few]];
}

/**
 * Returns an element, so that nothing in a name is read as HTML.
 * @param {string} words
 * @param {number} most letters
 */
function text(words, most) {
  const made = document.createElement("bdi");
  made.textContent = words.length > most ? `${words.slice(0, most - 1)}…` : words;
  return made;
}

/**
 * @param {string | undefined} iso
 * @param {number} more days
 */
function day(iso, more) {
  const made = new Date(`${iso}T00:00:00`);
  made.setDate(made.getDate() + more);
  return made;
}
