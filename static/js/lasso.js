// A loop drawn with the pointer over the map; answers with what lies inside. One loop, then the map moves again.

// Ray casting; `ring` and `point` in pixels.
export function isInside([x, y], ring) {
  let inside = false;
  for (let here = 0, before = ring.length - 1; here < ring.length; before = here++) {
    const [ax, ay] = ring[here];
    const [bx, by] = ring[before];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

// `done(isIn)` gets a test for [longitude, latitude]; nothing is told of a loop of fewer than three points.
export function startLasso(map, button, done) {
  const canvas = map.getCanvasContainer();
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
  drawing.classList.add("lasso");
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(line);
  let ring = [];

  const place = (event) => {
    const frame = canvas.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  };
  function rest() {
    button.setAttribute("aria-pressed", "false");
    canvas.classList.remove("is-lasso");
    map.dragPan.enable();
    drawing.remove();
    ring = [];
  }
  canvas.addEventListener("pointerdown", (event) => {
    if (button.getAttribute("aria-pressed") !== "true" || event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    ring = [place(event)];
    line.setAttribute("points", "");
    canvas.append(drawing);
    canvas.setPointerCapture(event.pointerId);
  }, true);
  canvas.addEventListener("pointermove", (event) => {
    if (!ring.length) return;
    ring.push(place(event));
    line.setAttribute("points", ring.map((point) => point.join()).join(" "));
  });
  canvas.addEventListener("pointerup", () => {
    if (!ring.length) return;
    const drawn = ring;
    rest();
    if (drawn.length > 2) done((place) => { const { x, y } = map.project(place); return isInside([x, y], drawn); });
  });
  canvas.addEventListener("pointercancel", rest);
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-pressed") === "true") return rest();
    button.setAttribute("aria-pressed", "true");
    canvas.classList.add("is-lasso");
    map.dragPan.disable();
  });
  button.hidden = false;
}
