// How the explorer's set looks on the map: shades by code, hatching where nothing is certain, lines that grow with the
// class, patterns on demand.

import { BLOCK_CODE, isUncertain } from "./map-style.js";

const SIZE = 16;
const WIDEST = 4;

// Codes of a class: a list, or blocks packed as AGEB key → last three digits, one behind the other.
export function unpack(packed) {
  if (Array.isArray(packed)) return packed;
  return Object.entries(packed).flatMap(([ageb, tails]) => tails.match(/.{3}/g).map((tail) => ageb + tail));
}

function readShades(set) {
  const probe = document.createElement("span");
  probe.hidden = true;
  set.append(probe);
  const shades = Array.from({ length: 9 }, (_, index) => {
    probe.style.color = `var(--shade-${index + 1})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return shades;
}

// Dots that grow with the shade, on nothing: drawn over the colour.
export function dots(number, count, ink) {
  const canvas = new OffscreenCanvas(SIZE, SIZE);
  const pen = canvas.getContext("2d");
  pen.fillStyle = ink;
  const radius = 0.6 + (3.6 * number) / Math.max(1, count - 1);
  for (const [x, y] of [[4, 4], [12, 12]]) {
    pen.beginPath();
    pen.arc(x, y, number ? radius : 0, 0, 2 * Math.PI);
    pen.fill();
  }
  return pen.getImageData(0, 0, SIZE, SIZE);
}

// By the key that is read from a feature. "match" refuses a branch without labels.
function byCode(key, groups, values, otherwise) {
  const branches = groups.flatMap((codes, index) => (codes.length ? [codes, values[index]] : []));
  return branches.length ? ["match", key, ...branches, otherwise] : otherwise;
}

// Blocks under polygons, by the limits of the polygons' classes; tiles carry low, high and base.
function blockFill({ variable, limits }, shades, colours) {
  const count = (name) => ["to-number", ["get", name], 0];
  const share = ["/", count(`${variable}_low`), ["max", count("base"), 1]];
  const steps = limits.flatMap((limit, index) => [["<=", share, limit], shades[index]]);
  return ["case", ["<=", count("base"), 0], colours["map-nodata"], ...steps, shades[limits.length]];
}

export function paint(style, explorer, colours, set) {
  const layer = (id) => style.layers.find((one) => one.id === id);
  const insert = (after, ...made) => style.layers.splice(style.layers.indexOf(layer(after)) + 1, 0, ...made);
  const none = "rgba(0, 0, 0, 0)";
  const isOfBlocks = explorer.grain === "blocks";
  const target = isOfBlocks ? "blocks" : "polygons";
  const key = isOfBlocks ? BLOCK_CODE : ["get", "code"];
  const within = (codes) => ["in", key, ["literal", codes]];
  for (const id of ["blocks", "polygons"]) layer(id).paint["fill-color"] = none;
  layer("blocks-hidden").layout = { visibility: "none" };
  if (!explorer.shades) return style;

  const colour = readShades(set);
  const groups = explorer.shades.shades.map(unpack);
  const unknown = unpack(explorer.shades.unknown);
  const open = unpack(explorer.shades.open);
  const fill = layer(target);
  fill.paint["fill-color"] = byCode(key, groups, colour, none);
  const under = explorer.shades.blocks;
  if (isOfBlocks) {
    layer("polygons-line").paint["line-opacity"] = 0.7;
  } else {
    // Near, the blocks speak where they carry the same figure; else the polygon stays coloured.
    fill.paint["fill-opacity"] = under ? ["interpolate", ["linear"], ["zoom"], 11, 0.85, 12.5, 0] : 0.75;
    if (under) {
      layer("blocks").paint["fill-color"] = blockFill(under, colour, colours);
      layer("blocks-hidden").layout = {};
      layer("blocks-hidden").filter = isUncertain(under.variable);
    }
    const widths = groups.map((_, index) => 1 + (WIDEST * index) / Math.max(1, groups.length - 1) / 1.6);
    layer("polygons-line").filter = within([...groups.flat(), ...unknown]);
    layer("polygons-casing").filter = layer("polygons-line").filter;
    layer("polygon-names").filter = layer("polygons-line").filter;
    const near = groups.length > 8 ? 2 : byCode(key, groups, widths, 1.5);
    const isSelected = layer("polygons-line").paint["line-color"][1];
    layer("polygons-line").paint["line-width"] = ["interpolate", ["linear"], ["zoom"], 6, 0.4, 10, near, 14, ["case", isSelected, 5.5, near]];
  }
  const source = { source: target, "source-layer": target, ...(isOfBlocks && { minzoom: 11 }) };
  const fading = !isOfBlocks && under ? { "fill-opacity": fill.paint["fill-opacity"] } : {};
  insert(
    target,
    { id: "unknown", type: "fill", ...source, filter: within(unknown), paint: { "fill-pattern": "hatch", ...fading } },
    ...(explorer.hasPatterns
      ? [{ id: "patterns", type: "fill", ...source, filter: within(groups.flat()), paint: { "fill-pattern": byCode(key, groups, groups.map((_, index) => `dots-${index}`), "dots-0") } }]
      : []),
  );
  style.layers.push({
    id: "open", type: "line", ...source, minzoom: isOfBlocks ? 13 : 8, filter: within(open),
    paint: { "line-color": colours["st-attention-ink"], "line-width": 2, "line-dasharray": [2, 2], "line-offset": 3 },
  });
  return style;
}
