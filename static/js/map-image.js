// The map as a picture for a report: what is drawn, above it the page's title, below it the legend as it stands on the
// page, the date and the sentence the law asks for.
const PAD = 16;
const LINE = 20;
const PAINT = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "opacity"];

// The drawing buffer can be read only in the task that drew it.
const drawn = (map) => new Promise((resolve) => {
  map.once("render", () => {
    const source = map.getCanvas();
    const copy = Object.assign(document.createElement("canvas"), { width: source.width, height: source.height });
    copy.getContext("2d").drawImage(source, 0, 0);
    resolve(copy);
  });
  map.triggerRepaint();
});

// An image of its own knows no style sheet: what the page computed is written into it.
async function swatch(svg) {
  const alone = svg.cloneNode(true);
  const shapes = svg.querySelectorAll("*");
  alone.querySelectorAll("*").forEach((shape, at) => {
    const style = getComputedStyle(shapes[at]);
    for (const name of PAINT) shape.setAttribute(name, style.getPropertyValue(name));
  });
  const { width, height } = svg.getBoundingClientRect();
  alone.setAttribute("width", width);
  alone.setAttribute("height", height);
  alone.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(alone))}`;
  await image.decode();
  return image;
}

function* texts(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.data.trim() || node.parentElement.closest("svg, .visually-hidden")) continue;
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.width) yield { text: node.data.replace(/\s+/g, " ").trim(), box, style: getComputedStyle(node.parentElement) };
  }
}

async function drawLegend(pen, legend, left, top) {
  const from = legend.getBoundingClientRect();
  for (const svg of legend.querySelectorAll("svg")) {
    const box = svg.getBoundingClientRect();
    if (box.width) pen.drawImage(await swatch(svg), left + box.x - from.x, top + box.y - from.y, box.width, box.height);
  }
  pen.textBaseline = "middle";
  for (const { text, box, style } of texts(legend)) {
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    pen.fillStyle = style.color;
    pen.fillText(text, left + box.x - from.x, top + box.y - from.y + box.height / 2);
  }
}

function wrapped(pen, text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (pen.measureText(longer).width > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

// A Blob of PNG, at the screen's own resolution.
export async function picture(map, frame, words) {
  const shot = await drawn(map);
  const legend = frame.querySelector(".legend");
  const page = getComputedStyle(document.body);
  const scale = shot.width / map.getCanvas().clientWidth;
  const width = shot.width / scale;
  const legendHeight = legend?.getBoundingClientRect().height ?? 0;
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  const small = `12px ${page.fontFamily}`;
  pen.font = small;
  const foot = [`${window.location.href} · ${words.today}`, words.law].flatMap((text) => wrapped(pen, text, width));
  const head = 2 * LINE;
  canvas.width = shot.width + 2 * PAD * scale;
  canvas.height = shot.height + (head + legendHeight + foot.length * LINE + 3 * PAD) * scale;
  pen.scale(scale, scale);
  pen.fillStyle = page.backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = page.color;
  pen.textBaseline = "middle";
  pen.font = `600 18px ${page.fontFamily}`;
  pen.fillText(document.querySelector("h1")?.textContent.trim() ?? document.title, PAD, PAD + LINE / 2);
  pen.drawImage(shot, PAD, head, width, shot.height / scale);
  const below = head + shot.height / scale;
  if (legend) await drawLegend(pen, legend, PAD, below);
  pen.font = small;
  pen.fillStyle = page.color;
  foot.forEach((text, at) => pen.fillText(text, PAD, below + legendHeight + PAD + (at + 0.5) * LINE));
  return new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
}

export async function download(map, frame, words) {
  const address = URL.createObjectURL(await picture(map, frame, words));
  const link = Object.assign(document.createElement("a"), { href: address, download: `${words.file}.png` });
  link.click();
  URL.revokeObjectURL(address);
}
