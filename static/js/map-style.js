// What the map looks like, as one MapLibre style made anew from the state; colours come from the style sheet.

const STEPS = [0.05, 0.15, 0.3, 0.5];
const COLOURS = ["dep-1", "dep-2", "dep-3", "dep-4", "dep-5", "map-ground", "map-nodata", "map-hatch", "map-edge", "map-polygon", "guinda", "st-transit-ink", "st-attention-ink", "surface"];

// A computed colour resolves light-dark(); a custom property alone would not.
export function readColours(element) {
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const entries = COLOURS.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(entries);
}

// Diagonal lines on grey, 16 × 16 pixels that tile: a figure INEGI keeps confidential.
export function hatch(colours) {
  const size = 16;
  const canvas = new OffscreenCanvas(size, size);
  const pen = canvas.getContext("2d");
  pen.fillStyle = colours["map-nodata"];
  pen.fillRect(0, 0, size, size);
  pen.strokeStyle = colours["map-hatch"];
  pen.lineWidth = 2.5;
  pen.beginPath();
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
  }
  pen.stroke();
  return pen.getImageData(0, 0, size, size);
}

const count = (name) => ["to-number", ["get", name], 0];

// A block's key comes in two parts, and the upper end of a figure only where it is another than the lower: so hatched
// is what the mask touches of the figure shown. A block may hide its electricity and tell its water.
export const BLOCK_CODE = ["concat", ["get", "ageb"], ["get", "number"]];
export const isUncertain = (variable) => [">", count(`${variable}_high`), count(`${variable}_low`)];

function fill(variable, colours) {
  const share = ["/", count(`${variable}_low`), ["max", count("base"), 1]];
  const ramp = STEPS.flatMap((step, index) => [step, colours[`dep-${index + 2}`]]);
  return ["case", ["<=", count("base"), 0], colours["map-nodata"], ["step", share, colours["dep-1"], ...ramp]];
}

// The works' site: an area, a line or a point, whichever the geometry is.
// Lines are not drawn through points: many may be one geometry, which is written in a fifth of the room.
const HAS_SIDES = ["!", ["in", "Point", ["geometry-type"]]];
const siteLayers = (colours) => [
  { id: "site-area", type: "fill", source: "site", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colours["st-transit-ink"], "fill-opacity": 0.35 } },
  { id: "site-casing", type: "line", source: "site", filter: HAS_SIDES, paint: { "line-color": colours.surface, "line-width": 7 }, layout: { "line-cap": "round" } },
  { id: "site-line", type: "line", source: "site", filter: HAS_SIDES, paint: { "line-color": colours["st-transit-ink"], "line-width": 4 }, layout: { "line-cap": "round" } },
  { id: "site-points", type: "circle", source: "site", paint: { "circle-radius": 6, "circle-color": colours["st-transit-ink"], "circle-stroke-color": colours.surface, "circle-stroke-width": 2 } },
];

export function buildStyle(data, { variable, selected, site }, colours) {
  const tiles = (url, minzoom, maxzoom) => ({ type: "vector", tiles: [window.location.origin + url], minzoom, maxzoom });
  const label = { "text-font": ["Noto Sans"], "text-size": 13, "text-max-width": 8 };
  const ink = { "text-color": colours["map-polygon"], "text-halo-color": colours.surface, "text-halo-width": 2 };
  const isSelected = ["==", ["get", "code"], selected];
  const isHidden = isUncertain(variable);
  const background = data.background
    ? { source: { background: { type: "raster", tiles: [data.background], tileSize: 256 } }, layer: [{ id: "background", type: "raster", source: "background", paint: { "raster-saturation": -0.8, "raster-opacity": 0.5 } }] }
    : { source: {}, layer: [] };
  return {
    version: 8,
    sources: {
      ...background.source,
      ...(data.cities && { cities: tiles(data.cities, 0, 7) }),
      ...(data.polygons && { polygons: tiles(data.polygons, 6, 14) }),
      ...(data.outline && { outline: { type: "geojson", data: JSON.parse(data.outline) } }),
      ...(site && { site: { type: "geojson", data: site } }),
      ...(data.blocks && { blocks: tiles(data.blocks, 11, 14) }),
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": colours["map-ground"] } },
      ...background.layer,
      { id: "blocks", type: "fill", source: "blocks", "source-layer": "blocks", minzoom: 11, paint: { "fill-color": fill(variable, colours) } },
      { id: "blocks-hidden", type: "fill", source: "blocks", "source-layer": "blocks", minzoom: 11, filter: isHidden, paint: { "fill-pattern": "hatch" } },
      { id: "blocks-edge", type: "line", source: "blocks", "source-layer": "blocks", minzoom: 13, paint: { "line-color": colours["map-edge"], "line-width": 0.5, "line-opacity": 0.55 } },
      { id: "polygons", type: "fill", source: "polygons", "source-layer": "polygons", paint: { "fill-color": fill(variable, colours), "fill-opacity": ["interpolate", ["linear"], ["zoom"], 10.5, 0.8, 11.5, 0] } },
      { id: "polygons-casing", type: "line", source: "polygons", "source-layer": "polygons", minzoom: 10, paint: { "line-color": colours["map-ground"], "line-width": ["case", isSelected, 9, 6] } },
      { id: "polygons-line", type: "line", source: "polygons", "source-layer": "polygons", paint: { "line-color": ["case", isSelected, colours.guinda, colours["map-polygon"]], "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.3, 10, 1, 12, ["case", isSelected, 4.5, 2.5]] } },
      { id: "outline-casing", type: "line", source: "outline", paint: { "line-color": colours["map-ground"], "line-width": 9 } },
      { id: "outline-line", type: "line", source: "outline", paint: { "line-color": colours.guinda, "line-width": 4.5, "line-dasharray": [3, 1.5] } },
      { id: "cities", type: "circle", source: "cities", "source-layer": "cities", maxzoom: 9, paint: { "circle-color": colours.guinda, "circle-opacity": 0.75, "circle-stroke-color": colours.surface, "circle-stroke-width": 1, "circle-radius": ["interpolate", ["linear"], ["sqrt", count("population")], 100, 5, 4500, 18] } },
      { id: "city-names", type: "symbol", source: "cities", "source-layer": "cities", maxzoom: 11, minzoom: 4.5, layout: { ...label, "text-field": ["get", "name"], "text-size": 12, "text-offset": [0, 1.1], "text-anchor": "top", "symbol-sort-key": ["-", 0, count("population")] }, paint: ink },
      { id: "polygon-names", type: "symbol", source: "polygons", "source-layer": "polygons-names", minzoom: 11, layout: { ...label, "text-field": ["get", "name"] }, paint: ink },
      ...(site ? siteLayers(colours) : []),
    ].filter((layer) => !layer.source || ["background", "site"].includes(layer.source) || data[layer.source]),
  };
}
