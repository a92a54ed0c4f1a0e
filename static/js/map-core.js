// A map of ours: `<div class="map" data-…>` from templates/components/map.html becomes a MapLibre map.
// Everything it says is also in the table below it; every word on it comes from the template.
// Pages that do more with it import `begin` and pass hooks; map.js is for those that do not.
import * as maplibregl from "maplibre-gl";
import { download } from "./map-image.js";
import { describe } from "./map-panel.js";
import { read, startPen } from "./map-pen.js";
import { buildStyle, hatch, readColours } from "./map-style.js";

const FOCUS_ZOOM = 12;
const BLOCKS_FROM = 11;
const POLYGONS_SEEN_FROM = 9;

export const parseBounds = (text) => {
  const [west, south, east, north] = text.split(",").map(Number);
  return [[west, south], [east, north]];
};

// `hooks.restyle(style, colours, state)` may change the style before it is drawn, `hooks.describe(found)` answers what
// the panel says of { block, polygon } (elements), `hooks.point(point, map)` takes a click or Enter under the cross
// and answers true where that was all.
function start(element, hooks) {
  const frame = element.closest(".map-frame");
  const words = JSON.parse(frame.querySelector("script[type='application/json']").textContent);
  const panel = frame.querySelector(".map-panel");
  const hint = frame.querySelector(".map-hint");
  const darkness = window.matchMedia("(prefers-color-scheme: dark)");
  const box = element.dataset.draws ? document.querySelector(element.dataset.draws) : null;
  const state = {
    variable: element.dataset.variable,
    selected: element.dataset.selected ?? "",
    site: read(box?.value ?? element.dataset.site ?? ""),
  };
  const style = () => {
    const colours = readColours(element);
    const built = buildStyle(element.dataset, state, colours);
    return hooks.restyle?.(built, colours, state) ?? built;
  };

  maplibregl.setWorkerUrl(element.dataset.worker);
  const map = new maplibregl.Map({
    container: element,
    style: style(),
    // `extent` is to be shown exactly, `opening` with some room round it.
    bounds: parseBounds(element.dataset.extent || element.dataset.opening || element.dataset.bounds),
    fitBoundsOptions: element.dataset.extent ? { padding: 0 } : { padding: 48, maxZoom: 15 },
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
    if (box) map.fitBounds(parseBounds(box), { padding: 48, maxZoom: 16 }, { byPerson: true, isJump: true });
    redraw();
  }

  function say(parts) {
    panel.replaceChildren(...parts);
    panel.hidden = false;
  }

  // Near, a block or the polygon round it tells its figures; from afar a polygon opens its page, a city comes nearer.
  function openAt(point) {
    const found = (layer) => map.queryRenderedFeatures(point, { layers: [layer] })[0];
    const [block, polygon, city] = ["blocks", "polygons", "cities"].map(found);
    if (map.getZoom() >= BLOCKS_FROM && (block || polygon)) {
      const found = { block: block?.properties, polygon: polygon?.properties };
      say(hooks.describe?.(found, words) ?? describe(found.block, found.polygon, state.variable, words));
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
  const pointAt = (point) => {
    if (hooks.point?.(point, map)) return;
    if (addPoint) addPoint(map.unproject(point));
    else openAt(point);
  };

  map.on("click", (event) => pointAt(event.point));
  map.on("mousemove", (event) => {
    const layers = map.getZoom() < BLOCKS_FROM ? ["polygons", "cities"] : ["blocks", "polygons"];
    const over = !box && map.queryRenderedFeatures(event.point, { layers }).length > 0;
    map.getCanvas().classList.toggle("is-over", over);
  });
  // With the keyboard the cross in the middle points.
  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.key === "Enter") pointAt(map.project(map.getCenter()));
  });
  // Whoever closes the panel goes back to the map, also from a link inside it.
  function close() {
    if (panel.contains(document.activeElement)) map.getCanvas().focus();
    panel.hidden = true;
  }
  frame.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  darkness.addEventListener("change", () => {
    map.updateImage("hatch", hatch(readColours(element)));
    redraw();
  });
  frame.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.variableChoice !== undefined) choose(button);
    if (button.dataset.zoom === "in") map.zoomIn({}, { byPerson: true });
    if (button.dataset.zoom === "out") map.zoomOut({}, { byPerson: true });
    if (button.dataset.zoom === "all") map.fitBounds(parseBounds(element.dataset.bounds), { padding: 48 }, { byPerson: true, isJump: true });
    if (button.dataset.close !== undefined) close();
    if (button.dataset.picture !== undefined) download(map, frame, words);
  });
  // The table twin points: a button in a row shows its polygon.
  document.addEventListener("click", (event) => {
    const pointer = event.target.closest("[data-map-feature]");
    if (!pointer) return;
    select(pointer.dataset.mapFeature, pointer.dataset.mapBounds);
    element.scrollIntoView({ block: "nearest" });
  });
  showPointers();
  for (const tool of frame.querySelectorAll(".map-tools, .map-bar")) tool.hidden = false;
  return { map, frame, state, words, redraw, select, say };
}

// Also to be called for rows that came later.
export function showPointers() {
  for (const pointer of document.querySelectorAll("[data-map-feature]")) pointer.hidden = false;
}

// Null where the browser cannot draw: no WebGL, most likely. The sentence in the frame stays, the table says the same.
export function begin(element, hooks = {}) {
  try {
    return start(element, hooks);
  } catch (error) {
    element.closest(".map-frame").classList.add("is-broken");
    console.warn(error);
    return null;
  }
}
