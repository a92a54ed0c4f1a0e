// What the map says of one block, or of a polygon where no block is, as elements; `words` are the template's translated texts.

const element = (tag, text, attributes = {}) => {
  const made = Object.assign(document.createElement(tag), attributes);
  made.textContent = text;
  return made;
};

const write = new Intl.NumberFormat("es-MX");
const range = (low, high) => (low === high ? write.format(low) : `${write.format(low)}–${write.format(high)}`);

function figure(place, variable, words) {
  const low = Number(place[`${variable}_low`] ?? 0);
  const high = Number(place[`${variable}_high`] ?? low);
  const whole = Number(place.base ?? 0);
  const share = whole ? ` (${range(Math.round((100 * low) / whole), Math.round((100 * high) / whole))}\u00a0%)` : "";
  return [element("dt", words.variables[variable]), element("dd", range(low, high) + share, { className: "num" })];
}

export function describe(block, polygon, variable, words) {
  const place = block ?? polygon;
  const title = block ? `${words.block} ${block.ageb}${block.number}` : polygon.name;
  const list = element("dl", "", { className: "facts" });
  const order = [variable, ...Object.keys(words.variables).filter((name) => name !== variable)];
  list.append(
    element("dt", words.dwellings),
    element("dd", write.format(place.dwellings ?? 0), { className: "num" }),
    ...order.flatMap((name) => figure(place, name, words)),
  );
  const parts = [element("p", title, { className: "map-panel-title" }), list];
  if (polygon?.url) parts.push(element("a", `${words.open} ${polygon.name}`, { href: polygon.url }));
  if (block) parts.push(element("a", words.page, { href: words.place.replace("CODE", block.ageb + block.number) }));
  const close = element("button", words.close, { className: "btn btn-quiet btn-sm", type: "button" });
  close.dataset.close = "";
  return [...parts, close];
}
