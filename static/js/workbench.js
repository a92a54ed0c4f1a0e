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

// Each preview is a page of its own: the next one opens where this one looked, as long as the place is the same.
const element = document.querySelector(".map[data-bounds]");
const looked = `workbench:${new URL(window.location).searchParams.get("place")}`;
element.dataset.extent = sessionStorage.getItem(looked) ?? "";

const view = begin(element, { restyle });
view?.map.on("moveend", () => {
  sessionStorage.setItem(looked, view.map.getBounds().toArray().flat().map((degree) => degree.toFixed(6)).join(","));
});

// A status that is there from the start is not read out: it is written once the page stands.
const { said } = document.getElementById("preview").dataset;
if (said) window.setTimeout(() => { document.getElementById("workbench-said").textContent = said; }, 200);
