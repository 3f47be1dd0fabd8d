// What brings somebody back after a reload: written, read, and never trusted.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { forget, keep, recall } from "../src/stage/kept";

const TICKET = "link.".padEnd(120, "x");
let stored: Map<string, string>;

beforeEach(() => {
  stored = new Map();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
});
afterEach(() => vi.unstubAllGlobals());

describe("a kept seat", () => {
  it("comes back as it was", () => {
    const kept = { resume: "r", name: "Ada", muted: true, device: "usb" };
    keep(TICKET, kept);
    expect(recall(TICKET)).toEqual(kept);
    expect(recall("another link".padEnd(120, "y"))).toBeNull();
    forget(TICKET);
    expect(recall(TICKET)).toBeNull();
  });

  it.each(["{", "null", "[]", '{"resume":""}', '{"resume":7}', "{}"])("is not made of %s", (text) => {
    keep(TICKET, { resume: "r", name: "", muted: false, device: "" });
    for (const key of stored.keys()) stored.set(key, text);
    expect(recall(TICKET)).toBeNull();
  });

  it("asks again where there is no storage", () => {
    vi.stubGlobal("sessionStorage", undefined);
    keep(TICKET, { resume: "r", name: "", muted: false, device: "" });
    expect(recall(TICKET)).toBeNull();
    forget(TICKET);
  });
});
