// A browser's storage, in memory.
import { vi } from "vitest";

/** Puts an empty one in place of `sessionStorage`. */
export function freshStorage(): void {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
}
