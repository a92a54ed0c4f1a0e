// The explorer: map, legend and table are one set under one address. Every control is a link or a form that works
// without this; here the page is asked for in the background, and its parts marked `data-live` take the new ones' place.
import { begin, parseBounds, showPointers } from "./map-core.js";
import { dots, paint } from "./map-shades.js";
import { startPlaceSearch } from "./place-search.js";

const SETTLED_MS = 400;
const element = document.querySelector(".map[data-classes]");
const set = document.getElementById("x-set");
const explorer = { shades: null, grain: element.dataset.grain, hasPatterns: "patterns" in element.dataset };
const words = { asked: window.location.href };
let latest = 0;

const view = begin(element, {
  restyle: (style, colours) => paint(style, explorer, colours, set),
});

const withoutBox = (address) => {
  const url = new URL(address, window.location);
  url.searchParams.delete("bbox");
  return url.search;
};

function boxNow() {
  const bounds = view.map.getBounds();
  return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((edge) => edge.toFixed(5)).join(",");
}

// Links and forms of the page carry the extent that is shown now.
function carry(box) {
  for (const link of document.querySelectorAll("main a[href^='?']")) {
    const query = new URLSearchParams(link.getAttribute("href"));
    if (query.get("inside") && query.has("format")) continue;
    query.set("bbox", box);
    link.setAttribute("href", `?${query}`);
  }
  for (const form of document.querySelectorAll("main form[method='get']:not([action])")) {
    let field = form.elements.namedItem("bbox");
    if (!field) {
      field = Object.assign(document.createElement("input"), { type: "hidden", name: "bbox" });
      form.append(field);
    }
    field.value = box;
  }
  for (const field of document.querySelectorAll("[data-query]")) field.value = window.location.search.slice(1);
}

// Patterns of as many classes as there are, in the ink of the theme.
function putDots() {
  const count = explorer.shades.shades.length;
  for (let number = 0; number < count; number++) {
    const image = dots(number, count, getComputedStyle(element).color);
    if (view.map.hasImage(`dots-${number}`)) view.map.updateImage(`dots-${number}`, image);
    else view.map.addImage(`dots-${number}`, image, { pixelRatio: 2 });
  }
}

// ---- Colours --------------------------------------------------------------------------------------------------------
async function recolour(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  explorer.shades = await answer.json();
  if (!view.map.isStyleLoaded()) await view.map.once("idle");
  putDots();
  view.redraw();
}

// ---- A new page in place of the parts that change ---------------------------------------------------------------------
function replace(page) {
  const focused = document.activeElement?.id;
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (fresh) part.replaceWith(document.adoptNode(fresh));
  }
  const fresh = page.getElementById("x-set");
  for (const name of ["ramp", "shades"]) set.dataset[name] = fresh.dataset[name];
  const map = page.querySelector(".map[data-classes]");
  for (const name of ["classes", "bounds", "opening"]) element.dataset[name] = map.dataset[name];
  explorer.grain = map.dataset.grain;
  explorer.hasPatterns = "patterns" in map.dataset;
  if (focused) document.getElementById(focused)?.focus();
  showPointers();
  hideUnneeded();
}

// What only matters where this script does not run.
function hideUnneeded() {
  for (const button of document.querySelectorAll("[data-unneeded]")) button.hidden = true;
}

// `keep` is "pushState" for what a person chose, "replaceState" where the map only moved, "" where the address stands.
async function go(address, keep = "pushState") {
  const turn = ++latest;
  element.removeAttribute("data-ready");
  set.setAttribute("aria-busy", "true");
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok) return window.location.assign(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  // Whoever presses twice gets the second answer, whichever comes last.
  if (turn !== latest) return undefined;
  if (keep) window.history[keep](null, "", address);
  words.asked = window.location.href;
  replace(page);
  carry(boxNow());
  set.removeAttribute("aria-busy");
  return recolour(element.dataset.classes);
}

// ---- The extent -------------------------------------------------------------------------------------------------------
// Back undoes what one chose: a filter, a colour, a place shown. Dragging and zooming only tell the address where one is.
let pending;
let isJump = false;
function settled(event) {
  if (!event.originalEvent && !event.byPerson) return;
  isJump ||= event.isJump === true;
  clearTimeout(pending);
  pending = setTimeout(() => {
    const keep = isJump ? "pushState" : "replaceState";
    isJump = false;
    const box = boxNow();
    const url = new URL(window.location);
    url.searchParams.set("bbox", box);
    url.searchParams.delete("page");
    const isInside = url.searchParams.get("inside") === "1";
    if (isInside) return go(url.href, keep);
    window.history[keep](null, "", url);
    return carry(box);
  }, SETTLED_MS);
}

function back() {
  const box = new URL(window.location).searchParams.get("bbox");
  view.map.fitBounds(parseBounds(box || element.dataset.opening), { padding: box ? 0 : 48, duration: 0 });
  const isInside = new URL(window.location).searchParams.get("inside") === "1";
  if (isInside || withoutBox(window.location) !== withoutBox(words.asked)) go(window.location.href, "");
  else carry(box ?? boxNow());
}

function sendBar(form) {
  const query = new URLSearchParams(new FormData(form));
  for (const [name, value] of [...query]) if (!value) query.delete(name);
  query.set("bbox", boxNow());
  go(`?${query}`);
}

startPlaceSearch(document.querySelector(".place-search"));
if (view) {
  view.map.on("moveend", settled);
  window.addEventListener("popstate", back);
  document.addEventListener("change", (event) => {
    const form = event.target.closest("#bar-form");
    if (form) sendBar(form);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "bar-form") return;
    event.preventDefault();
    sendBar(event.target);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-swap]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.href);
  });
  hideUnneeded();
  recolour(element.dataset.classes);
}
