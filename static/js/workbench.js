// The workbench: draws the outlines of the preview on the map and says in words what was found.
import { begin } from "./map-core.js";

const box = document.getElementById("outlines");
const outlines = box ? JSON.parse(box.textContent) : { type: "FeatureCollection", features: [] };

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

begin(document.querySelector(".map[data-bounds]"), { restyle });

// A status that is there from the start is not read out: it is written once the page stands.
const { said } = document.getElementById("preview").dataset;
if (said) window.setTimeout(() => { document.getElementById("workbench-said").textContent = said; }, 200);
