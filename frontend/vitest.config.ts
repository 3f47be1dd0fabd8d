// Rules are tested without a browser: time, chance and media come in as arguments.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte({ configFile: false })],
  test: {
    environment: "node",
    // A shared machine may be slow; nothing here waits for a real clock.
    testTimeout: 20_000,
    include: ["tests/**/*.test.ts"],
  },
});
