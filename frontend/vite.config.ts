// Builds two pages, one by one: the desk's application, and the listener's page that every edge serves.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// Chunks that both pages share would bring the listener's page what only the desk uses: 3.6 kB.
const PAGES: Readonly<Record<string, string>> = { desk: "index.html", listen: "listen.html" };

export default defineConfig(({ mode }) => ({
  base: "/",
  plugins: [svelte()],
  build: {
    target: "es2022",
    // Data URLs would need a looser content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // hls.js alone is this large, and it is loaded only where nothing else plays.
    chunkSizeWarningLimit: 450,
    emptyOutDir: mode === "desk",
    rolldownOptions: { input: { [mode]: PAGES[mode] ?? "listen.html" } },
  },
}));
