/** Elements made in one call. Texts are always text: nothing here reads HTML. */

/**
 * Makes an element. Properties that begin with "on" are listeners, null and false are left out.
 * @param {string} name
 * @param {Record<string, any>} [properties]
 * @param {...any} children nodes, texts, lists of them, or nothing
 * @returns {any}
 */
export function h(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "value") made.value = value;
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false && each !== ""));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} name @param {string} [look] @param {string} [label] */
export function icon(name, look = "", label = "") {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#${name}`);
  if (look) svg.setAttribute("class", look);
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** @param {string} id @returns {any} */
export const by = (id) => document.getElementById(id);

/** @param {string} key */
export const kbd = (key) => h("kbd", {}, key);

/** Text between quotation marks. @param {string} text */
export const quoted = (text) => `“${text}”`;

/** @param {number} count @param {string} one @param {string} [many] */
export const counted = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** A name as it begins a line. @param {string} text */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** The time of day, as in 10:42. */
export const clock = (at = new Date()) => `${at.getHours()}:${String(at.getMinutes()).padStart(2, "0")}`;

/** Whether single letters are commands where the focus is: not in a field. @param {EventTarget | null} target */
export const isField = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
