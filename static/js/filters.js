// On a narrow screen the filters start folded, so that the list comes first; in use they stay open.
if (window.matchMedia("(max-width: 63.99rem)").matches && !window.location.search) {
  for (const filters of document.querySelectorAll("details.filters")) filters.open = false;
}
