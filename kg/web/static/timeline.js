/** Draws figures that hold `<data data-first data-last>` as timelines; the list below them tells the same in words.
 * `data-sometime` stands for one time within these days, drawn as a dashed bar. */

/* global vis */

for (const figure of document.querySelectorAll("figure[data-timeline]")) draw(/** @type {HTMLElement} */ (figure));

/** @param {HTMLElement} figure */
function draw(figure) {
  const entries = [...figure.querySelectorAll("data")].map((data) => /** @type {HTMLElement} */ (data).dataset);
  if (entries.length < 2 || typeof vis === "undefined") return;
  figure.classList.add("drawn");
  const exact = entries.filter((entry) => entry.sometime === undefined);
  const [begins, ends] = bulk(exact.length > 1 ? exact : entries);
  const narrow = figure.clientWidth < 600;
  const room = Math.max(ends - begins, 1000 * 60 * 60 * 24 * 30);
  const order = (figure.dataset.groups ?? "").split("|");
  const groups = [...new Set(entries.map((entry) => entry.group).filter(Boolean))];
  const items = entries.map((entry, id) => ({
    id,
    content: text(entry.label ?? "", narrow ? 24 : 46),
    start: day(entry.first, 0),
    ...(day(entry.last, 1).getTime() - day(entry.first, 0).getTime() < room / 30 ? { type: "point" } : { end: day(entry.last, 1), type: "range" }),
    ...(entry.sometime === undefined ? {} : { className: "sometime" }),
    ...(entry.group ? { group: entry.group } : {}),
    title: undefined,
  }));
  const options = {
    start: begins - room * 0.05,
    end: ends + room * (narrow ? 1.2 : 0.45),
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
  made.on("select", (/** @type {{items: number[]}} */ event) => {
    const at = entries[event.items[0]]?.at;
    if (at) location.assign(at);
  });
}

/**
 * Returns the first and the last moment of most entries: a few that lie far off, or last long, do not press the others together.
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
