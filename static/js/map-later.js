// A map that weighs more than its page waits until somebody asks for it: `<div data-map-later="address of map.js">` with
// a hidden [data-ask] (the button and what it costs) and the hidden frame. Without this script there is no map to ask for.
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
