/* Shows only those terms of a list that contain what is typed. Without it the list is whole, and a server can sift it. */
"use strict";

for (const form of document.querySelectorAll("form[data-sift]")) {
  const list = document.getElementById(form.dataset.sift);
  const input = form.querySelector("input[type=search]");
  const status = document.querySelector("[data-sifted]");
  const terms = [...list.querySelectorAll(".term")].map((term) => [term, term.textContent.toLowerCase()]);
  const sift = () => {
    const wanted = input.value.trim().toLowerCase();
    let shown = 0;
    for (const [term, text] of terms) {
      term.hidden = !text.includes(wanted);
      shown += term.hidden ? 0 : 1;
    }
    status.hidden = !wanted;
    status.textContent = shown === 1 ? "1 term" : `${shown} terms`;
  };
  form.hidden = false;
  input.addEventListener("input", sift);
  form.addEventListener("submit", (event) => {
    if (!form.hasAttribute("action")) event.preventDefault();
  });
}
