// Builds two pages: the desk's application and the listener's page that every edge serves.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
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
    rolldownOptions: { input: { desk: "index.html", listen: "listen.html" } },
  },
});
