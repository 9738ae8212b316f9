/** Suggests names while typing. The combobox pattern: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ */

/**
 * @typedef {{label: string, id: string, kind: string, hint: string, name: string, at: string}} Choice
 */

let lists = 0;

/**
 * Turns a text field into a combobox. `data-complete` is the address of the choices. With `data-go`, a choice goes to
 * its page; otherwise its name is put into the field, and its id is sent.
 * @param {HTMLInputElement} input
 */
export function completes(input) {
  const list = document.createElement("ul");
  list.className = "choices";
  list.id = `choices-${++lists}`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Matching names");
  input.after(list);
  const sent = input.dataset.go === undefined ? hiddenField(input) : null;
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]])
    input.setAttribute(name, value);

  /** @type {Choice[]} */
  let choices = [];
  let chosen = -1;
  let requests = 0;
  let waiting = 0;

  const shut = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (/** @type {number} */ k) => {
    chosen = k;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === k)));
    if (k < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", list.children[k].id);
      list.children[k].scrollIntoView({ block: "nearest" });
    }
  };
  const take = (/** @type {Choice} */ choice) => {
    shut();
    if (input.dataset.go !== undefined) location.assign(choice.at);
    else {
      input.value = choice.label;
      if (sent) sent.value = choice.id;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  };
  const show = (/** @type {boolean} */ near) => {
    list.replaceChildren(...choices.map((choice, k) => item(choice, `${list.id}-${k}`, near, () => take(choice))));
    list.hidden = choices.length === 0;
    chosen = -1;
    input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-expanded", String(!list.hidden));
  };
  const ask = async () => {
    const request = ++requests;
    const typed = input.value.trim();
    if (!typed) return shut();
    const address = new URL(/** @type {string} */ (input.dataset.complete), location.href);
    address.searchParams.set("q", typed);
    const answered = await answer(address);
    if (request !== requests || document.activeElement !== input) return;
    choices = answered.results;
    show(answered.near);
  };

  input.addEventListener("input", () => {
    if (sent) sent.value = input.value;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 110);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return void (input.value.trim() && ask());
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(((chosen + step + 1 + choices.length + 1) % (choices.length + 1)) - 1);
    } else if (event.key === "Enter" && !list.hidden && chosen >= 0) {
      event.preventDefault();
      take(choices[chosen]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      shut();
    }
  });
  input.addEventListener("blur", shut);
  input.form?.addEventListener("submit", () => clearTimeout(waiting));
}

/**
 * Returns the choices at an address, none if it does not answer or the page is left first.
 * @param {URL} address
 * @returns {Promise<{results: Choice[], near: boolean}>}
 */
async function answer(address) {
  try {
    const response = await fetch(address);
    if (response.ok) return await response.json();
  } catch {
    // the typed text can still be sent
  }
  return { results: [], near: false };
}

/**
 * Returns a new hidden field for the id that is sent, so that the text field can show a name.
 * @param {HTMLInputElement} input
 */
function hiddenField(input) {
  const sent = document.createElement("input");
  sent.type = "hidden";
  sent.name = input.name;
  sent.value = input.value;
  input.removeAttribute("name");
  input.before(sent);
  if (input.dataset.label) {
    input.value = input.dataset.label;
    input.closest(".pick")?.nextElementSibling?.matches(".meant") && input.closest(".pick")?.nextElementSibling?.remove();
  }
  return sent;
}

/**
 * @param {Choice} choice
 * @param {string} id
 * @param {boolean} near whether the name is only similar to the typed text, which matches none
 * @param {() => void} take
 */
function item(choice, id, near, take) {
  const made = document.createElement("li");
  made.id = id;
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", "false");
  const label = document.createElement("bdi");
  label.textContent = choice.label;
  const about = document.createElement("small");
  about.textContent = [near ? "did you mean this?" : "", choice.name === choice.label ? "" : choice.name, choice.kind, choice.hint].filter(Boolean).join(" · ");
  made.append(label, about);
  made.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    take();
  });
  return made;
}
