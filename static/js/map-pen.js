// Draws a site on the map into a text box, one "latitude, longitude" a line, and shows what the box says.
// One point is a point, several are a line, and a line that ends where it began is an area.

const PRECISION = 6;

const write = ({ lat, lng }) => `${lat.toFixed(PRECISION)}, ${lng.toFixed(PRECISION)}`;
const lines = (input) => input.value.split("\n").map((line) => line.trim()).filter(Boolean);

const point = (line) => {
  const [latitude, longitude] = line.split(/[,;\s]+/).map(Number);
  return Number.isFinite(latitude) && Number.isFinite(longitude) ? [longitude, latitude] : null;
};

// The box as GeoJSON geometry; null when it is empty or not understood (the server will say why).
export function read(text) {
  if (text.trim().startsWith("{")) {
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  }
  const points = lines({ value: text }).map(point);
  if (!points.length || points.includes(null)) return null;
  if (points.length === 1) return { type: "Point", coordinates: points[0] };
  const isClosed = points.length > 3 && points[0].join() === points.at(-1).join();
  return isClosed ? { type: "Polygon", coordinates: [points] } : { type: "LineString", coordinates: points };
}

// `show(geometry)` is called whenever the box changes; the returned function adds a point.
export function startPen(frame, input, show) {
  const change = (text) => {
    input.value = text;
    // As if typed: whoever listens to the box hears of it, this module too.
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const acts = {
    undo: () => change(lines(input).slice(0, -1).join("\n")),
    close: () => change([...lines(input), lines(input)[0]].join("\n")),
    clear: () => change(""),
  };
  frame.addEventListener("click", (event) => acts[event.target.closest("[data-pen]")?.dataset.pen]?.());
  input.addEventListener("input", () => show(read(input.value)));
  return (place) => change([...(input.value.trim().startsWith("{") ? [] : lines(input)), write(place)].join("\n"));
}
