// "I have a problem": when the watch is asked, and what it is told.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BANNER_MS,
  bannerAtMs,
  browserFamily,
  COMPONENTS_MAX,
  CROWD_MS,
  edgeWord,
  factsOf,
  nearT0,
  readBanner,
  readComponents,
  SPREAD,
  T0_CLEAR_US,
  TROUBLE_MS,
} from "../src/listen/problem";

describe("the watch's line", () => {
  it("is never asked for in the crowd's first minute", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true }), (trouble, chance) => {
        expect(bannerAtMs(1_000, null, trouble, chance)).toBeGreaterThanOrEqual(1_000 + CROWD_MS);
      }),
    );
  });

  it("comes every few minutes, sooner in trouble, and for each listener at another moment", () => {
    expect(bannerAtMs(0, null, false, 0)).toBe(BANNER_MS);
    expect(bannerAtMs(0, 600_000, false, 0)).toBe(600_000 + BANNER_MS);
    expect(bannerAtMs(0, 600_000, true, 0)).toBe(600_000 + TROUBLE_MS);
    expect(bannerAtMs(0, 600_000, true, 1)).toBe(600_000 + TROUBLE_MS * (1 + SPREAD));
  });

  it("waits while the house begins", () => {
    const t0 = 1_795_982_700_000_000;
    expect(nearT0(t0 - T0_CLEAR_US, t0)).toBe(true);
    expect(nearT0(t0 + T0_CLEAR_US, t0)).toBe(true);
    expect(nearT0(t0 - T0_CLEAR_US - 1, t0)).toBe(false);
    expect(nearT0(t0, null)).toBe(false);
    expect(nearT0(0, 0)).toBe(false);
  });

  it("is there only while something is wrong, and leads to no script", () => {
    const told = { open: true, url: "https://watch.example.org/status", text: { en: "Sound stops.", es: "" } };
    expect(readBanner(told, "en")).toEqual({ text: "Sound stops.", url: told.url });
    expect(readBanner(told, "es")).toBeNull();
    expect(readBanner({ ...told, open: false }, "en")).toBeNull();
    expect(readBanner({ ...told, url: "javascript:alert(1)" }, "en")?.url).toBe("/status");
    fc.assert(fc.property(fc.jsonValue(), (value) => void readBanner(value, "en")));
  });
});

describe("what is told", () => {
  it("is the player's own, in the words that the watch takes", () => {
    const told = { transport: "push", codec: "opus", phase: "playing", latency_s: 0.6123, stalls: 1, jumps: 0 };
    expect(factsOf({ ...told, connections: 2, base: "http://localhost:8011" }, "Firefox/140.0")).toEqual({
      page: "listen",
      browser: "firefox",
      transport: "push",
      codec: "opus",
      state: "playing",
      latency_ms: 612,
      stalls: 1,
      skips: 0,
      reconnects: 2,
      edge: "localhost-8011",
    });
    expect(factsOf({ transport: null, latency_s: null }, "")).toEqual({ page: "listen", browser: "other" });
  });

  it("names families of browsers, never versions", () => {
    const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36";
    const safari = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/20.0 Safari/605.1.15";
    expect([chrome, safari, "Lynx"].map(browserFamily)).toEqual(["chromium", "safari", "other"]);
  });

  it("names an edge in one short word, whatever its address", () => {
    expect(edgeWord("")).toBe("own");
    fc.assert(
      fc.property(fc.webUrl(), (url) => {
        expect(edgeWord(url)).toMatch(/^[a-z0-9]([a-z0-9.-]{0,22}[a-z0-9])?$/);
      }),
    );
  });

  it("is about a component of the watch's list", () => {
    const many = Array.from({ length: COMPONENTS_MAX + 1 }, (_, n) => ({ id: `c${n}`, name: `C${n}` }));
    expect(readComponents({ components: many })).toHaveLength(COMPONENTS_MAX);
    const group = { id: "site", name: "Site", group: true };
    expect(readComponents({ components: [group, { id: "sound" }, 7] })).toEqual([{ id: "sound", name: "sound" }]);
    fc.assert(fc.property(fc.jsonValue(), (value) => void readComponents(value)));
  });
});
