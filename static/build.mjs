// Builds static/dist: style sheets, scripts, fonts, the icon sprite and MapLibre's worker.
// Django adds the hashes to the names (collectstatic), so none are made here.
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const dist = (name) => here(`dist/${name}`);

async function sprite() {
  const names = JSON.parse(await readFile(here("icons.json"), "utf8"));
  const symbols = await Promise.all(
    Object.entries(names).map(async ([name, source]) => {
      const svg = await readFile(here(`node_modules/bootstrap-icons/icons/${source}.svg`), "utf8");
      const shapes = svg.replace(/<svg[^>]*>|<\/svg>/g, "").replace(/\s*\n\s*/g, "");
      return `<symbol id="${name}" viewBox="0 0 16 16">${shapes}</symbol>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
}

await rm(here("dist"), { recursive: true, force: true });
await mkdir(here("dist"));
await build({
  absWorkingDir: here("."),
  entryPoints: ["css/app.css", "css/docs.css", "css/map.css", "js/app.js", "js/map.js", "js/map-later.js", "js/map-explorer.js", "js/workbench.js", "js/draft.js", "js/drafting.js", "js/upload.js", "js/photos.js"],
  entryNames: "[name]",
  assetNames: "fonts/[name]",
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome123", "firefox120", "safari17.5"], // the first with light-dark()
  loader: { ".woff2": "file" },
  logLevel: "info",
});
await copyFile(here("node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs"), dist("maplibre-gl-worker.mjs"));
await copyFile(here("favicon.svg"), dist("favicon.svg"));
await writeFile(dist("icons.svg"), await sprite());
