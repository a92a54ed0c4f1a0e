// A draft on the workbench: one set of chosen blocks, fed by clicks on the map, the lasso, the list's boxes and the box
// of keys, and shown in all of them. What is done with it is the form's; without this script it works by list and keys.
import { begin } from "./map-core.js";
import { startLasso } from "./lasso.js";

const form = document.getElementById("draft-form");
const keys = form.elements.keys;
const said = document.getElementById("draft-said");
const element = document.querySelector(".map[data-bounds]");
const KEY = /[0-9A-Z]{16}/g;

const chosen = new Set(keys.value.toUpperCase().match(KEY) ?? []);
const blocks = new Map();
const boxes = () => form.querySelectorAll("input[name='blocks']");
let collection = { type: "FeatureCollection", features: [] };

const isChosen = () => ["in", ["get", "code"], ["literal", [...chosen]]];
const layers = ["draft-members", "draft-others"];

function restyle(style, colours) {
  style.sources.draft = { type: "geojson", data: collection };
  style.layers.push(
    { id: "draft-others", type: "fill", source: "draft", filter: ["!", ["get", "member"]], paint: { "fill-color": colours["map-polygon"], "fill-opacity": 0.05 } },
    { id: "draft-members", type: "fill", source: "draft", filter: ["get", "member"], paint: { "fill-color": colours.guinda, "fill-opacity": 0.35 } },
    { id: "draft-edges", type: "line", source: "draft", minzoom: 12, paint: { "line-color": colours["map-polygon"], "line-width": 0.75 } },
    { id: "draft-chosen-casing", type: "line", source: "draft", filter: isChosen(), paint: { "line-color": colours.surface, "line-width": 6 } },
    { id: "draft-chosen", type: "line", source: "draft", filter: isChosen(), paint: { "line-color": colours["st-transit-ink"], "line-width": 3.5 } },
  );
  return style;
}

function point(at, map) {
  const found = map.queryRenderedFeatures(at, { layers: layers.filter((name) => map.getLayer(name)) })[0];
  if (!found) return false;
  const { code } = found.properties;
  if (!chosen.delete(code)) chosen.add(code);
  show();
  return true;
}

const drawn = begin(element, { restyle, point });

// Everything that shows the chosen blocks follows them.
function show() {
  keys.value = [...chosen].sort().join("\n");
  for (const box of boxes()) box.checked = chosen.has(box.value);
  const known = [...chosen].map((code) => blocks.get(code)).filter(Boolean);
  const members = known.filter((block) => block.member).length;
  const words = [said.dataset.none, said.dataset.one][chosen.size] ?? said.dataset.some;
  said.textContent = words
    .replace("{count}", chosen.size)
    .replace("{members}", members)
    .replace("{dwellings}", known.reduce((sum, block) => sum + (block.dwellings ?? 0), 0));
  if (!drawn?.map.getLayer("draft-chosen")) return;
  for (const layer of ["draft-chosen", "draft-chosen-casing"]) drawn.map.setFilter(layer, isChosen());
}

form.addEventListener("change", (event) => {
  if (event.target.name === "blocks") {
    if (event.target.checked) chosen.add(event.target.value);
    else chosen.delete(event.target.value);
    show();
  }
  if (event.target === keys) {
    chosen.clear();
    for (const code of keys.value.toUpperCase().match(KEY) ?? []) chosen.add(code);
    show();
  }
});
form.addEventListener("click", (event) => {
  const wish = event.target.closest("[data-choose]")?.dataset.choose;
  if (wish === "page") for (const box of boxes()) chosen.add(box.value);
  if (wish === "none") chosen.clear();
  if (wish) show();
});
for (const button of document.querySelectorAll("[data-choose]")) button.hidden = false;

if (drawn) {
  startLasso(drawn.map, document.getElementById("lasso"), (isIn) => {
    for (const block of blocks.values()) if (isIn(block.spot)) chosen.add(block.code);
    show();
  });
  const answer = await fetch(form.dataset.blocks);
  if (answer.ok) {
    collection = await answer.json();
    for (const { properties } of collection.features) blocks.set(properties.code, properties);
    drawn.redraw();
  }
}
show();
