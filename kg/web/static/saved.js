/** Lists of pages that this browser keeps in its localStorage. Nothing of them is ever sent. */

/** @typedef {{at: string, label: string, kind: string}} Item */
/** @typedef {{name: string, items: Item[]}} List */
/** @typedef {{lists: List[], current: string}} Lists */

const KEY = `kg-lists ${document.querySelector("a.brand")?.getAttribute("href") ?? "/"}`;
const FIRST = "Saved";
const LONGEST = 200;

/**
 * Returns the lists, checked as if someone else had written them.
 * @returns {Lists}
 */
export function stored() {
  try {
    return checked(JSON.parse(localStorage.getItem(KEY) ?? "null"));
  } catch {
    return checked(null);
  }
}

/**
 * @param {any} read
 * @returns {Lists}
 */
export function checked(read) {
  const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value.slice(0, 2000) : "");
  const lists = (Array.isArray(read?.lists) ? read.lists : [])
    .map((/** @type {any} */ list) => ({
      name: text(list?.name).trim().slice(0, LONGEST),
      items: (Array.isArray(list?.items) ? list.items : [])
        .map((/** @type {any} */ item) => ({ at: text(item?.at), label: text(item?.label).slice(0, LONGEST), kind: text(item?.kind).slice(0, LONGEST) }))
        .filter((/** @type {Item} */ item) => item.label && isHere(item.at)),
    }))
    .filter((/** @type {List} */ list) => list.name);
  if (!lists.length) lists.push({ name: FIRST, items: [] });
  const current = lists.some((/** @type {List} */ list) => list.name === read?.current) ? read.current : lists[0].name;
  return { lists, current };
}

/**
 * Returns whether an address is a path on this server.
 * @param {string} at
 */
function isHere(at) {
  return /^\/(?![/\\])/.test(at) && new URL(at, location.origin).origin === location.origin;
}

/** @param {Lists} lists */
export function keep(lists) {
  localStorage.setItem(KEY, JSON.stringify(lists));
}

/**
 * Returns the name of the list that has an address, "" for none.
 * @param {string} at
 */
export function savedIn(at) {
  return stored().lists.find((list) => list.items.some((item) => item.at === at))?.name ?? "";
}

/**
 * Puts a page into the current list, or takes it out of all lists if it is in one.
 * @param {Item} item
 */
export function save(item) {
  const lists = stored();
  const known = lists.lists.filter((list) => list.items.some((each) => each.at === item.at));
  for (const list of known) list.items = list.items.filter((each) => each.at !== item.at);
  if (!known.length) lists.lists.find((list) => list.name === lists.current)?.items.push(item);
  keep(lists);
}

/** @param {() => void} changed is called when another tab changes the lists */
export function whenChangedElsewhere(changed) {
  addEventListener("storage", (event) => {
    if (event.key === KEY) changed();
  });
}
