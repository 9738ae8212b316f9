/** The first page: the articles of the project, and a new one from a text, a file or an address. */

import { addressOf, call } from "./api.js";
import { by, h } from "./dom.js";

export const REGISTERED = "kg-registered";
const FIELDS = [["title", "Title"], ["publisher", "Publisher"], ["published", "Published"], ["language", "Language"], ["curator", "Curator"]];

/** Draws the list of articles. */
export async function drawStart() {
  document.body.dataset.view = "start";
  const { project, articles, more } = await call("/api/articles");
  document.title = `${project} · Bench`;
  by("where").textContent = "kg curate";
  by("title").textContent = project;
  const rows = (/** @type {string} */ typed) => articles.filter((/** @type {any} */ each) => `${each.title} ${each.id}`.toLowerCase().includes(typed.toLowerCase())).map((/** @type {any} */ each) =>
    h("li", {}, h("a", { href: addressOf(each.id), dir: "auto" }, each.title), h("span", { class: "faint" }, [each.published, each.status, each.problem].filter(Boolean).join(" · "))));
  const list = h("ul", { class: "articles" }, rows(""));
  by("text").setAttribute("aria-label", "Articles");
  by("facts").setAttribute("aria-label", "New article");
  by("text").replaceChildren(h("h2", {}, "Articles ", h("small", {}, String(articles.length + more))), h("input", { class: "filter", type: "search", "aria-label": "Find an article", placeholder: "Find an article", oninput: (/** @type {any} */ event) => list.replaceChildren(...rows(event.target.value)) }), list, more ? h("p", { class: "faint" }, `and ${more} more, by their id: kg curate ID`) : "");
  by("facts").replaceChildren(newArticle());
  by("keys").hidden = true;
}

function newArticle() {
  /** @type {any} */ let file = null;
  const text = h("textarea", { id: "new-text", rows: 10, dir: "auto", placeholder: "Paste the text here" });
  const address = h("input", { id: "new-address", type: "url", placeholder: "https://" });
  const chosen = h("input", { id: "new-file", type: "file", accept: ".txt,.md,.html,.htm,.xhtml,text/*", onchange: async () => { file = chosen.files[0] ? { name: chosen.files[0].name, text: await chosen.files[0].text() } : null; } });
  const fields = FIELDS.map(([name, label]) => [name, h("input", { id: `new-${name}`, autocomplete: "off", placeholder: name === "curator" ? "me" : "as the text says" }), label]);
  const notice = h("div", { role: "status" });
  const send = async (/** @type {Event} */ event) => {
    event.preventDefault();
    notice.replaceChildren(h("p", { class: "lead-in" }, "Reading …"));
    const given = Object.fromEntries(fields.map(([name, input]) => [name, input.value.trim()]));
    try {
      const made = await call("/api/new", { ...given, address: address.value, ...(file ?? { text: text.value }) });
      sessionStorage.setItem(REGISTERED, JSON.stringify(made));
      location.assign(addressOf(made.id));
    } catch (error) {
      const fix = /** @type {any} */ (error).fix;
      notice.replaceChildren(h("div", { class: "finding", role: "note" }, h("p", {}, /** @type {Error} */ (error).message, fix ? `; ${fix}` : "")));
    }
  };
  return h("form", { class: "panel", onsubmit: send }, h("h2", {}, "A new article"), h("p", { class: "lead-in" }, "From pasted text, a file, or an address; only an address is fetched. What is not given is read from it."),
    row("new-text", "Text", text), row("new-file", "or a file", chosen), row("new-address", "or an address", address),
    ...fields.map(([name, input, label]) => row(`new-${name}`, label, input)), h("p", { class: "row-of" }, h("button", { class: "primary" }, "Register")), notice);
}

/** @param {string} id @param {string} label @param {HTMLElement} control */
const row = (id, label, control) => h("div", { class: "row" }, h("label", { for: id }, label), control);
