// The watch's pages: what a script adds to them, by rules that need no browser.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Means, OUTCOMES, readSent, type Report, send, wrapped } from "../src/common/reporting";
import { saying } from "../src/status/form";
import { localeFor, momentIn } from "../src/status/moments";
import { POINTS_MAX, readPoints } from "../src/status/points";
import { statusWords } from "../src/words/status";

const report: Report = { component: "sound", kind: "echo", place: "ES", source: "page", facts: {} };

/** A watch of memory: what it was asked, and what it answers by address. */
function watch(answers: Record<string, unknown>) {
  const asked: { url: string; body: unknown }[] = [];
  let worked = 0;
  const means: Means = {
    fetch: (url, init) => {
      const path = String(url);
      asked.push({ url: path, body: init?.body === undefined ? null : JSON.parse(String(init.body)) });
      const found = Object.entries(answers).find(([part]) => path.includes(part));
      return found === undefined ? Promise.reject(new TypeError("gone")) : Promise.resolve(Response.json(found[1]));
    },
    solve: () => Promise.resolve({ counter: 7 }),
    working: () => (worked += 1),
  };
  return { asked, means, worked: () => worked };
}

describe("a report", () => {
  it("goes without a proof where none is asked for", async () => {
    const { asked, means, worked } = watch({ challenge: { needed: false, challenge: null }, reports: { outcome: "counted" } });
    expect(await send("/status/api", report, means)).toEqual({ outcome: "counted" });
    expect(asked.map((one) => one.url)).toEqual(["/status/api/challenge?component=sound", "/status/api/reports"]);
    expect(asked[1]?.body).toEqual({ ...report, proof: "" });
    expect(worked()).toBe(0);
  });

  it("carries the solved challenge, and says that the device works meanwhile", async () => {
    const challenge = { parameters: { nonce: "aa" }, signature: "bb", more: 1 };
    const { asked, means, worked } = watch({ challenge: { needed: true, challenge }, reports: { outcome: "counted" } });
    await send("/status/api", report, means);
    const { proof } = asked[1]?.body as { proof: string };
    expect(JSON.parse(atob(proof))).toEqual({
      challenge: { parameters: { nonce: "aa" }, signature: "bb" },
      solution: { counter: 7 },
    });
    expect(worked()).toBe(1);
  });

  it("goes without a proof where none can be had", async () => {
    const { asked, means } = watch({ reports: { outcome: "unproven" } });
    expect(await send("/status/api", report, means)).toEqual({ outcome: "unproven" });
    expect(asked[1]?.body).toMatchObject({ proof: "" });
  });

  it("is said to have failed where nothing answers", async () => {
    await expect(send("/status/api", report, watch({}).means)).rejects.toThrow("gone");
  });

  it("has a sentence for everything that may become of it", () => {
    for (const lang of ["en", "es"]) {
      const words = statusWords(lang);
      const said = OUTCOMES.map((outcome) => saying({ outcome }, words));
      expect(new Set(said).size).toBe(OUTCOMES.length);
      expect(saying({ refused: "No such component." }, words)).toBe("No such component.");
      expect(saying({ refused: "" }, words)).toBe(words.refused);
      expect(saying(null, words)).toBe(words.failed);
    }
  });

  it("is never thought counted by an answer that does not say so", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const sent = readSent(value);
        if ("outcome" in sent) expect(OUTCOMES).toContain((value as { outcome: string }).outcome);
      }),
    );
  });

  it("takes challenges in any script into its payload", () => {
    const parameters = { data: { component: "sonido-ñ-音" } };
    const bytes = Uint8Array.from(atob(wrapped({ parameters }, null)), (one) => one.charCodeAt(0));
    expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual({ challenge: { parameters }, solution: null });
  });
});

describe("a chart", () => {
  const row = [1_700_000_000, 4, 2.5, 9, 45, 1, 2];

  it("is read by columns", () => {
    expect(readPoints({ slot_s: 900, points: [row, row.slice(0, 6)] })).toMatchObject({
      slotS: 900,
      reports: [4, 4],
      failed: [1, 1],
      unproven: [2, 0],
    });
  });

  it("is none where a row is odd, where nothing is in it, or far too much", () => {
    for (const points of [[], [row, [1, 2]], [row, [...row.slice(0, 5), null]], "row", Array(POINTS_MAX + 1).fill(row)]) {
      expect(readPoints({ slot_s: 900, points })).toBeNull();
    }
    expect(readPoints({ points: [row] })).toBeNull();
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void readPoints(value)));
    fc.assert(fc.property(fc.array(fc.jsonValue()), (points) => void readPoints({ slot_s: 900, points })));
  });
});

describe("a moment", () => {
  it("is said in the reader's zone, with its name", () => {
    expect(momentIn("2026-11-29T20:05:00Z", "clock", "en-GB", "Europe/Madrid")).toBe("21:05 CET");
    expect(momentIn("2026-11-29T20:05:07Z", "exact", "es", "UTC")).toContain("20:05:07 UTC");
    expect(momentIn("no moment", "full", "en-GB")).toBeNull();
  });

  it("is in the reader's own region where that speaks the page's language", () => {
    expect(localeFor("es", ["en-US", "es-MX"])).toBe("es-MX");
    expect(localeFor("en", ["fr-FR"])).toBe("en-GB");
    expect(localeFor("es", ["fr-FR"])).toBe("es");
  });
});
