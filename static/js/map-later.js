// A map that weighs more than its page waits. Beside what is read, until somebody scrolls near it: `<div
// data-map-in-view="address of map.js">` round its frame, which keeps its room. In a form, until somebody asks for it:
// `<div data-map-later="address of map.js">` with a hidden [data-ask] (the button and what it costs) and the hidden
// frame. Without this script there is no map to ask for.
for (const box of document.querySelectorAll("[data-map-later]")) {
  const ask = box.querySelector("[data-ask]");
  const field = box.querySelector(".map-field");
  ask.hidden = false;
  ask.querySelector("button").addEventListener("click", () => {
    ask.hidden = true;
    field.hidden = false;
    field.tabIndex = -1;
    field.focus();
    import(box.dataset.mapLater);
  });
}

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      import(target.dataset.mapInView);
    }
  },
  { rootMargin: "200px" },
);
for (const box of document.querySelectorAll("[data-map-in-view]")) near.observe(box);
