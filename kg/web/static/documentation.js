/* Shows only the terms of a list that contain the typed text. Without it the list is whole, and a server can filter it. */
"use strict";

for (const form of document.querySelectorAll("form[data-sift]")) {
  const list = document.getElementById(form.dataset.sift);
  const input = form.querySelector("input[type=search]");
  const status = document.querySelector("[data-sifted]");
  const terms = [...list.querySelectorAll(".term")].map((term) => [term, term.textContent.toLowerCase()]);
  const sift = () => {
    const typed = input.value.trim().toLowerCase();
    let shown = 0;
    for (const [term, text] of terms) {
      term.hidden = !text.includes(typed);
      shown += term.hidden ? 0 : 1;
    }
    status.hidden = !typed;
    status.textContent = shown === 1 ? "1 term" : `${shown} terms`;
  };
  form.hidden = false;
  input.addEventListener("input", sift);
  form.addEventListener("submit", (event) => {
    if (!form.hasAttribute("action")) event.preventDefault();
  });
}
