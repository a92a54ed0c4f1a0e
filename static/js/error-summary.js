// After a refused form the focus goes to the summary of what to correct.
const focusSummary = (root) => root.querySelector("[data-error-summary]")?.focus();

focusSummary(document);
document.addEventListener("htmx:load", (event) => focusSummary(event.detail.elt));
