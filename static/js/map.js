// The map of a page: `<div class="map" data-…>` from templates/components/map.html becomes a MapLibre map.
// Everything it says is also in the table below it; every word on it comes from the template.
import * as maplibregl from "maplibre-gl";
import { describe } from "./map-panel.js";
import { read, startPen } from "./map-pen.js";
import { buildStyle, hatch, readColours } from "./map-style.js";

const FOCUS_ZOOM = 12;
const BLOCKS_FROM = 11;
const POLYGONS_SEEN_FROM = 9;

const parseBounds = (text) => {
  const [west, south, east, north] = text.split(",").map(Number);
  return [[west, south], [east, north]];
};

function start(element) {
  const frame = element.closest(".map-frame");
  const words = JSON.parse(frame.querySelector("script[type='application/json']").textContent);
  const panel = frame.querySelector(".map-panel");
  const hint = frame.querySelector(".map-hint");
  const darkness = window.matchMedia("(prefers-color-scheme: dark)");
  const bounds = parseBounds(element.dataset.bounds);
  const box = element.dataset.draws ? document.querySelector(element.dataset.draws) : null;
  const state = {
    variable: element.dataset.variable,
    selected: element.dataset.selected ?? "",
    site: read(box?.value ?? element.dataset.site ?? ""),
  };
  const style = () => buildStyle(element.dataset, state, readColours(element));

  maplibregl.setWorkerUrl(element.dataset.worker);
  const map = new maplibregl.Map({
    container: element,
    style: style(),
    bounds: parseBounds(element.dataset.opening || element.dataset.bounds),
    fitBoundsOptions: { padding: 48, maxZoom: 15 },
    attributionControl: element.dataset.attribution ? { customAttribution: element.dataset.attribution } : false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    cooperativeGestures: false,
    locale: { "Map.Title": words.title },
  });
  map.keyboard.disableRotation();
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
  map.once("style.load", () => map.addImage("hatch", hatch(readColours(element)), { pixelRatio: 2 }));
  const tellHowFar = () => {
    hint.hidden = !element.dataset.blocks || map.getZoom() >= POLYGONS_SEEN_FROM;
  };
  map.on("load", tellHowFar);
  map.on("zoomend", tellHowFar);
  map.on("idle", () => element.setAttribute("data-ready", ""));

  function redraw() {
    element.removeAttribute("data-ready");
    map.setStyle(style());
    map.triggerRepaint();
  }

  function choose(button) {
    state.variable = button.value;
    for (const other of frame.querySelectorAll("[data-variable-choice]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    frame.querySelector(".legend-title").textContent = words.legends[state.variable];
    const address = new URL(window.location);
    address.searchParams.set("variable", state.variable);
    window.history.replaceState(null, "", address);
    redraw();
  }

  function select(code, box) {
    state.selected = code;
    for (const row of document.querySelectorAll("[data-map-feature]")) {
      row.closest("tr")?.classList.toggle("is-selected", row.dataset.mapFeature === code);
    }
    if (box) map.fitBounds(parseBounds(box), { padding: 48, maxZoom: 16 });
    redraw();
  }

  // Near, a block or the polygon round it tells its figures; from afar a polygon opens its page, a city comes nearer.
  function openAt(point) {
    const found = (layer) => map.queryRenderedFeatures(point, { layers: [layer] })[0];
    const [block, polygon, city] = ["blocks", "polygons", "cities"].map(found);
    if (map.getZoom() >= BLOCKS_FROM && (block || polygon)) {
      panel.replaceChildren(...describe(block?.properties, polygon?.properties, state.variable, words));
      panel.hidden = false;
    } else if (polygon?.properties.url) {
      window.location.assign(polygon.properties.url);
    } else if (city) {
      map.easeTo({ center: city.geometry.coordinates, zoom: FOCUS_ZOOM });
    }
  }

  const addPoint = box && startPen(frame, box, (site) => {
    state.site = site;
    redraw();
  });
  const pointAt = (point) => (addPoint ? addPoint(map.unproject(point)) : openAt(point));

  map.on("click", (event) => pointAt(event.point));
  map.on("mousemove", (event) => {
    const layers = map.getZoom() < BLOCKS_FROM ? ["polygons", "cities"] : ["blocks", "polygons"];
    const over = !box && map.queryRenderedFeatures(event.point, { layers }).length > 0;
    map.getCanvas().classList.toggle("is-over", over);
  });
  // With the keyboard the cross in the middle points.
  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.key === "Enter") pointAt(map.project(map.getCenter()));
    if (event.key === "Escape") panel.hidden = true;
  });
  darkness.addEventListener("change", () => {
    map.updateImage("hatch", hatch(readColours(element)));
    redraw();
  });
  frame.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.variableChoice !== undefined) choose(button);
    if (button.dataset.zoom === "in") map.zoomIn();
    if (button.dataset.zoom === "out") map.zoomOut();
    if (button.dataset.zoom === "all") map.fitBounds(bounds, { padding: 48 });
    if (button.dataset.close !== undefined) panel.hidden = true;
  });
  // The table twin points: a button in a row shows its polygon.
  document.addEventListener("click", (event) => {
    const pointer = event.target.closest("[data-map-feature]");
    if (!pointer) return;
    select(pointer.dataset.mapFeature, pointer.dataset.mapBounds);
    element.scrollIntoView({ block: "nearest" });
  });
  for (const pointer of document.querySelectorAll("[data-map-feature]")) pointer.hidden = false;
  for (const tool of frame.querySelectorAll(".map-tools, .map-bar")) tool.hidden = false;
}

for (const element of document.querySelectorAll(".map[data-bounds]")) {
  try {
    start(element);
  } catch (error) {
    // No WebGL, most likely: the sentence in the frame stays, and the table says the same.
    element.closest(".map-frame").classList.add("is-broken");
    console.warn(error);
  }
}
