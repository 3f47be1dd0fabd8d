// Fails the build when the listener's page outgrows its budget or loses a placeholder.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

// What a phone at 1 Mbit/s takes in under half a second, beside the sound.
const LISTEN_GZIP_BYTES_MAX = 45_000;
// A crowd opens the watch's page when things fail; uPlot comes when somebody reaches for a chart.
const STATUS_GZIP_BYTES_MAX = 12_000;
const dist = new URL("../dist/", import.meta.url);
const html = readFileSync(new URL("listen.html", dist), "utf8");

for (const placeholder of ["<!--rostra:head-->", "<!--rostra:state-->"]) {
  if (html.split(placeholder).length !== 2) throw new Error(`listen.html needs ${placeholder} once.`);
}
if (/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/.test(html)) {
  throw new Error("listen.html holds something inline that the content security policy refuses.");
}
const assets = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1]);
const outside = assets.filter((path) => !path.startsWith("/assets/"));
if (outside.length > 0) throw new Error(`listen.html refers to ${outside.join(", ")}.`);

/** Static imports are fetched before the first paint; dynamic ones are not. */
function withImports(path, seen) {
  if (seen.has(path)) return seen;
  seen.add(path);
  if (!path.endsWith(".js")) return seen;
  const code = readFileSync(new URL(`.${path}`, dist), "utf8");
  const imports = code.matchAll(/(?:^|[;}\s])(?:import|export)\s*(?:[^"'()]*?from\s*)?["']\.\/([\w.-]+\.js)["']/g);
  for (const match of imports) withImports(`/assets/${match[1]}`, seen);
  return seen;
}
const seen = new Set();
for (const path of assets) withImports(path, seen);
let total = gzipSync(html).length;
for (const path of seen) total += gzipSync(readFileSync(new URL(`.${path}`, dist))).length;
const status = readFileSync(new URL("status.html", dist), "utf8");
if (!status.includes("<!--rostra:status-->")) throw new Error("status.html needs <!--rostra:status-->.");
const load = [...status.matchAll(/(?:src|href)="\.(\/assets\/[\w.-]+\.(?:js|css))"/g)].map((match) => match[1]);
let first = 0;
for (const path of load) first += gzipSync(readFileSync(new URL(`.${path}`, dist))).length;
console.log(`watch's pages: ${first} of ${STATUS_GZIP_BYTES_MAX} bytes gzip beside the page in ${load.length} files`);
if (load.length !== 2 || first > STATUS_GZIP_BYTES_MAX) throw new Error("The watch's pages are over their budget.");
console.log(`listener's page: ${total} of ${LISTEN_GZIP_BYTES_MAX} bytes gzip in ${seen.size} files`);
if (total > LISTEN_GZIP_BYTES_MAX) throw new Error("The listener's page is over its budget.");
