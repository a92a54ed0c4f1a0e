// The workbench: draws the outlines of a preview on the map, again whenever htmx brought another one, and says so.
import { begin, parseBounds, showPointers } from "./map-core.js";

const read = () => {
  const box = document.getElementById("outlines");
  return box ? JSON.parse(box.textContent) : { type: "FeatureCollection", features: [] };
};

let outlines = read();

// Under the names, over blocks and polygons in force.
function restyle(style, colours, state) {
  const isShown = ["==", ["to-string", ["get", "number"]], state.selected];
  style.sources.outlines = { type: "geojson", data: outlines };
  style.layers.push(
    { id: "outlines-fill", type: "fill", source: "outlines", paint: { "fill-color": colours["st-transit-ink"], "fill-opacity": ["case", isShown, 0.35, 0.15] } },
    { id: "outlines-line", type: "line", source: "outlines", paint: { "line-color": colours["st-transit-ink"], "line-width": ["case", isShown, 4, 2] } },
  );
  return style;
}

const element = document.querySelector(".map[data-bounds]");
const drawn = begin(element, { restyle });

document.addEventListener("htmx:afterSettle", () => {
  const preview = document.getElementById("preview");
  outlines = read();
  showPointers();
  document.getElementById("workbench-said").textContent = preview.dataset.said ?? preview.textContent.trim();
  if (!drawn) return;
  drawn.state.selected = "";
  drawn.redraw();
});
if (drawn && outlines.features.length) drawn.map.fitBounds(parseBounds(element.dataset.bounds), { padding: 48 });
