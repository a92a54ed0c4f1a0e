// One box for places: a combobox with a list (ARIA pattern), over a search form that works without it.

const WAIT_MS = 200;
const SHORTEST = 2;
const KEPT = ["grain", "colour", "against", "method", "classes", "columns", "patterns", "variable", "year"];

export function startPlaceSearch(form) {
  const input = form.elements.namedItem("q");
  const list = form.querySelector("[role='listbox']");
  const status = form.querySelector("[role='status']");
  let active = -1;
  let pending;
  let latest = 0;
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" })) input.setAttribute(name, value);

  const options = () => [...list.children];
  const kept = () => [...new URLSearchParams(window.location.search)].filter(([name]) => KEPT.includes(name));

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(number) {
    const all = options();
    active = (number + all.length) % all.length;
    all.forEach((option, index) => option.setAttribute("aria-selected", String(index === active)));
    input.setAttribute("aria-activedescendant", all[active].id);
    all[active].scrollIntoView({ block: "nearest" });
  }

  function take(option) {
    const query = new URLSearchParams([["level", option.dataset.level], ["code", option.dataset.code], ...kept()]);
    window.location.assign(`${form.getAttribute("action")}?${query}`);
  }

  async function suggest() {
    const turn = ++latest;
    const text = input.value.trim();
    if (text.length < SHORTEST) return close();
    const answer = await fetch(`${form.getAttribute("action")}?${new URLSearchParams({ q: text, form: "list" })}`);
    if (!answer.ok || turn !== latest) return undefined;
    const page = new DOMParser().parseFromString(`<ul>${await answer.text()}</ul>`, "text/html");
    list.replaceChildren(...page.querySelectorAll("li"));
    active = -1;
    const count = list.children.length;
    list.hidden = count === 0;
    input.setAttribute("aria-expanded", String(count > 0));
    input.removeAttribute("aria-activedescendant");
    status.textContent = count ? `${status.dataset.found} ${count}` : status.dataset.none;
    return undefined;
  }

  input.addEventListener("input", () => {
    clearTimeout(pending);
    pending = setTimeout(suggest, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      return close();
    }
    if (list.hidden) return undefined;
    const moves = { ArrowDown: active + 1, ArrowUp: active < 0 ? -1 : active - 1 };
    if (event.key in moves) {
      event.preventDefault();
      mark(moves[event.key]);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      take(options()[active]);
    }
    return undefined;
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role='option']");
    if (option) take(option);
  });
  input.addEventListener("blur", close);
}
