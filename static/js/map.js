// The map of a page that has no behaviour of its own.
import { begin } from "./map-core.js";

for (const element of document.querySelectorAll(".map[data-bounds]")) begin(element);
