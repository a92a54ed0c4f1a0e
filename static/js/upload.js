// While a file is being read its page asks for itself; once that is over, the page comes anew, with its map.
document.addEventListener("htmx:afterRequest", (event) => {
  const { xhr, elt } = event.detail;
  if (!elt.matches("[data-reload-when-done]") || !xhr.responseText) return;
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  if (!page.querySelector("[data-reload-when-done]")) window.location.reload();
});
