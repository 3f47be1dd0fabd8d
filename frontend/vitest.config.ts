// Rules are tested without a browser: time, chance and media come in as arguments.
import { defineConfig } from "vitest/config";

export default defineConfig({ test: { environment: "node", include: ["tests/**/*.test.ts"] } });
