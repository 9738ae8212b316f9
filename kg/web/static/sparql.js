/** Replaces the plain form with YASGUI, which queries only this server and uses no outside services. */

/* global Yasgui */

const plain = /** @type {HTMLFormElement} */ (document.getElementById("plain"));
const place = /** @type {HTMLElement} */ (document.getElementById("yasgui"));
const query = /** @type {HTMLTextAreaElement} */ (document.getElementById("query"));
const prefixes = Object.fromEntries(
  [...document.querySelectorAll("#prefix-table > div")].map((row) => [
    (row.querySelector("dt")?.textContent ?? "").trim().replace(/:$/, ""),
    (row.querySelector("dd")?.textContent ?? "").trim(),
  ]),
);

if (typeof Yasgui !== "undefined") start();

function start() {
  const endpoint = new URL(plain.action, location.href).href;
  Yasgui.Yasqe.defaults.autocompleters = ["variables"];
  Yasgui.Yasqe.defaults.addPrefixes?.(prefixes);
  plain.hidden = true;
  place.hidden = false;
  const yasgui = new Yasgui(place, {
    requestConfig: { endpoint, method: "POST" },
    copyEndpointOnNewTab: false,
    endpointCatalogueOptions: { getData: () => [] },
    persistenceId: `communique-${location.host}`,
    populateFromUrl: false,
    yasqe: { value: query.value, persistenceId: null, prefixCcApi: "", resizeable: true },
    yasr: { prefixes },
  });
  const tab = yasgui.getTab();
  tab?.setEndpoint(endpoint);
  if (query.dataset.given || !tab?.getQuery()?.trim() || tab.getQuery().includes("?sub ?pred ?obj")) tab?.setQuery(query.value);
  fixRoles();
  new MutationObserver(fixRoles).observe(/** @type {Element} */ (place.querySelector(".tabsList")), { childList: true });
  new MutationObserver(nameFields).observe(place, { childList: true, subtree: true });
}

/** Names the fields that the editor leaves without a name. They come with each result. */
function nameFields() {
  for (const sizer of place.querySelectorAll("select.tableSizer:not([aria-label])")) sizer.setAttribute("aria-label", "Rows per page");
}

/** Corrects the editor's ARIA roles: its list of tabs also holds buttons, so it is not a tab list. */
function fixRoles() {
  for (const part of place.querySelectorAll(".tabsList, .tabsList [role=tab]")) {
    part.removeAttribute("role");
    part.removeAttribute("aria-controls");
    part.removeAttribute("aria-selected");
  }
  for (const panel of place.querySelectorAll("[role=tabpanel]")) panel.removeAttribute("role");
  for (const area of place.querySelectorAll(".yasqe textarea")) area.setAttribute("aria-label", "Query");
}
