/** Puts YASGUI in the place of the plain form. It asks this server alone and keeps nothing that it did not find here. */

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
  const endpoint = new URL("/sparql", location.href).href;
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
  tell();
  new MutationObserver(tell).observe(/** @type {Element} */ (place.querySelector(".tabsList")), { childList: true });
}

/** Says what is what where the editor does not: its list of tabs holds buttons too, so it is no ARIA tab list. */
function tell() {
  for (const part of place.querySelectorAll(".tabsList, .tabsList [role=tab]")) {
    part.removeAttribute("role");
    part.removeAttribute("aria-controls");
    part.removeAttribute("aria-selected");
  }
  for (const panel of place.querySelectorAll("[role=tabpanel]")) panel.removeAttribute("role");
  for (const area of place.querySelectorAll(".yasqe textarea")) area.setAttribute("aria-label", "Query");
}
