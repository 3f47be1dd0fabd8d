// "I have a problem": when the watch is asked, and what it is told.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  atWatch,
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
  watchAt,
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

describe("the way to the watch", () => {
  const page = new URL("http://192.0.2.7:8010/s/hall");
  const state = (watch: unknown): string => JSON.stringify({ id: "hall", watch });

  it("is in the page's state, at the page's host where it is a port alone", () => {
    expect(watchAt(state(":8100"), page)).toBe("http://192.0.2.7:8100");
    expect(watchAt(state("https://watch.example.org/here/"), page)).toBe("https://watch.example.org/here");
    for (const none of ["", ":", "javascript:alert(1)", "https://", 7]) expect(watchAt(state(none), page)).toBe("");
    expect(watchAt(null, page)).toBe("");
    expect(watchAt("{", page)).toBe("");
  });

  /** A house of which `front` answers at the page's origin and `own` at the watch's address: a status, or null for nothing. */
  function house(front: number | null, own: number | null): { asked: string[]; fetcher: typeof fetch } {
    const asked: string[] = [];
    const fetcher: typeof fetch = (input) => {
      asked.push(String(input));
      const status = String(input).startsWith("http") ? own : front;
      return status === null ? Promise.reject(new TypeError("dead")) : Promise.resolve(new Response("{}", { status }));
    };
    return { asked, fetcher };
  }
  const report = (base: string, ask: typeof fetch): Promise<number> =>
    ask(`${base}/status/api/reports`, { method: "POST" }).then((answer) => answer.status);

  it("leads through the front door while it answers, be it with a refusal", async () => {
    for (const status of [200, 307, 400, 429]) {
      const { asked, fetcher } = house(status, 200);
      expect(await atWatch("http://w:8100", fetcher, report)).toEqual({ base: "", found: status });
      expect(asked).toEqual(["/status/api/reports"]);
    }
  });

  it("leads to the watch's own address when the front door is dead, broken or an edge", async () => {
    for (const status of [null, 502, 503, 404, 405]) {
      const { asked, fetcher } = house(status, 202);
      expect(await atWatch("http://w:8100", fetcher, report)).toEqual({ base: "http://w:8100", found: 202 });
      expect(asked).toEqual(["/status/api/reports", "http://w:8100/status/api/reports"]);
    }
  });

  it("ends where neither answers or no address is told", async () => {
    await expect(atWatch("http://w:8100", house(null, null).fetcher, report)).rejects.toThrow();
    await expect(atWatch("http://w:8100", house(502, 500).fetcher, report)).rejects.toThrow();
    const { asked, fetcher } = house(null, 200);
    await expect(atWatch("", fetcher, report)).rejects.toThrow("dead");
    expect(asked).toHaveLength(1);
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
