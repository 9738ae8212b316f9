/** Draws figures with `<data data-one data-other>` as networks. Without this script they are not shown. */

import cytoscape from "./vendor/cytoscape.js";

for (const figure of document.querySelectorAll("figure[data-network]")) draw(/** @type {HTMLElement} */ (figure));

/** @param {HTMLElement} figure */
function draw(figure) {
  const links = [...figure.querySelectorAll("data")].map((data) => /** @type {HTMLElement} */ (data).dataset);
  if (!links.length) return;
  figure.classList.add("drawn");
  const style = getComputedStyle(document.documentElement);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const quiet = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const graph = cytoscape({
    container: figure,
    elements: elements(links),
    autoungrabify: false,
    userZoomingEnabled: false,
    minZoom: 0.2,
    maxZoom: 3,
    layout: { name: "cose", animate: false, randomize: false, padding: 24, nodeRepulsion: () => 14000, idealEdgeLength: () => 95, nodeDimensionsIncludeLabels: true },
    style: [
      { selector: "node", style: {
        label: "data(label)", "font-size": 13, color: colour("--ink"), "font-family": "system-ui, sans-serif",
        "text-wrap": "wrap", "text-max-width": "140px", "text-valign": "bottom", "text-margin-y": 4,
        "text-background-color": colour("--raised"), "text-background-opacity": 0.8, "text-background-padding": "1px",
        width: "data(size)", height: "data(size)", "background-color": colour("--accent"), "border-width": 0 } },
      { selector: "node[centre]", style: { "background-color": colour("--mark-line"), "font-weight": 600, "font-size": 14 } },
      { selector: "edge", style: {
        width: "data(width)", "line-color": colour("--strong-line"), opacity: 0.65, "curve-style": "bezier",
        label: "data(label)", "font-size": 11, color: colour("--faint"), "text-rotation": "autorotate",
        "text-background-color": colour("--raised"), "text-background-opacity": 0.9, "text-background-padding": "1px" } },
      { selector: ":selected", style: { "line-color": colour("--accent"), "background-color": colour("--mark-line"), opacity: 1 } },
    ],
  });
  graph.on("tap", "node", (event) => event.target.data("at") && location.assign(event.target.data("at")));
  graph.on("mouseover", "node", () => (figure.style.cursor = "pointer"));
  graph.on("mouseout", "node", () => (figure.style.cursor = ""));
  graph.fit(undefined, 28);
  if (quiet) graph.stop();
}

/** @param {DOMStringMap[]} links */
function elements(links) {
  /** @type {Map<string, {id: string, label: string, at: string, met: number, centre?: string}>} */
  const nodes = new Map();
  const meet = (/** @type {DOMStringMap} */ link, /** @type {"one" | "other"} */ end) => {
    const id = /** @type {string} */ (link[end]);
    const node = nodes.get(id) ?? { id, label: link[`${end}Label`] ?? id, at: link[`${end}At`] ?? "", met: 0 };
    node.met += Number(link.weight ?? 1);
    if (link.centre === end) node.centre = "yes";
    nodes.set(id, node);
  };
  for (const link of links) {
    meet(link, "one");
    meet(link, "other");
  }
  const most = Math.max(...[...nodes.values()].map((node) => node.met));
  const heaviest = Math.max(...links.map((link) => Number(link.weight ?? 1)));
  return [
    ...[...nodes.values()].map((node) => ({ data: { ...node, size: 14 + 26 * Math.sqrt(node.met / most) } })),
    ...links.map((link, k) => ({
      data: {
        id: `edge-${k}`, source: link.one, target: link.other,
        label: link.relation ?? (Number(link.weight) > 1 ? `${link.weight}×` : ""),
        width: 1 + 4 * (Number(link.weight ?? 1) - 1) / Math.max(heaviest - 1, 1),
      },
    })),
  ];
}
