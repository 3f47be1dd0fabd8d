// Builds three pages, one by one: the desk's application, the listener's page that every edge
// serves, and what the watch's pages load.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// Chunks that two pages share would bring the listener's page what only the desk uses: 3.6 kB.
const PAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  desk: { desk: "index.html" },
  listen: { listen: "listen.html" },
  status: { status: "status.html", banner: "src/status/banner.ts" },
};

export default defineConfig(({ mode }) => ({
  // The watch's pages are also files, in any folder: what they load is found beside them.
  base: mode === "status" ? "./" : "/",
  plugins: [svelte()],
  worker: { format: "es" },
  build: {
    target: "es2022",
    // Data URLs would need a looser content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // hls.js alone is this large, and it is loaded only where nothing else plays.
    chunkSizeWarningLimit: 450,
    emptyOutDir: mode === "desk",
    rolldownOptions: {
      input: { ...(PAGES[mode] ?? PAGES["listen"]) },
      // Other sites name this one file in their pages: its name stays.
      output: {
        entryFileNames: (chunk) =>
          chunk.name === "banner" ? "assets/banner.js" : "assets/[name]-[hash].js",
      },
    },
  },
}));
