// What the desk's pages make of times, names and calendar entries.
import { describe, expect, it } from "vitest";
import { initials, tone } from "../src/common/person";
import { elapsed, left, moment } from "../src/common/time";
import { calendar } from "../src/desk/calendar";
import { deskWords } from "../src/words/desk";

const ENTRY = {
  id: "abc",
  title: "Tea, cake; and \\ more",
  description: "First line\nsecond — línea",
  url: "http://localhost:8000/s/abc",
  startMs: Date.UTC(2026, 10, 26, 19),
};

describe("a calendar entry", () => {
  const text = calendar(ENTRY, Date.UTC(2026, 10, 1));

  it("says when, in UTC", () => {
    expect(text).toContain("DTSTART:20261126T190000Z\r\n");
    expect(text).toContain("DTEND:20261126T200000Z\r\n");
    expect(text.endsWith("END:VCALENDAR\r\n")).toBe(true);
  });

  it("escapes what RFC 5545 gives a meaning", () => {
    expect(text).toContain("SUMMARY:Tea\\, cake\\; and \\\\ more");
    expect(text).toContain("First line\\nsecond");
  });

  it("folds at 75 octets and tears no character", () => {
    const long = calendar({ ...ENTRY, title: "ñ😀é".repeat(80) }, 0);
    const lines = long.split("\r\n");
    for (const line of lines) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
    expect(long.replaceAll("\r\n ", "")).toContain(`SUMMARY:${"ñ😀é".repeat(80)}`);
  });
});

describe("times", () => {
  it("name their zone, and the year when it is another one", () => {
    const now = Date.UTC(2026, 5, 1);
    expect(moment(ENTRY.startMs * 1000, "en-GB", now)).toMatch(/Thursday 26 November at \d\d:00 \S+/);
    expect(moment(ENTRY.startMs * 1000, "es-ES", now)).toMatch(/jueves, 26 de noviembre, \d\d:00 \S+/);
    expect(moment(ENTRY.startMs * 1000, "en-GB", Date.UTC(2025, 5, 1))).toContain("2026");
  });

  it("count down to nothing and no further", () => {
    expect(left(90_061_000_000, 0)).toEqual({ d: 1, h: 1, m: 1, s: 1 });
    expect(left(0, 5)).toEqual({ d: 0, h: 0, m: 0, s: 0 });
  });

  it("count up from a start", () => {
    expect(elapsed(0, 59_900_000)).toBe("0:59");
    expect(elapsed(0, 3_849_000_000)).toBe("1:04:09");
    expect(elapsed(5, 0)).toBe("0:00");
  });
});

describe("a person", () => {
  it.each([
    ["Ada Lovelace", "AL"], ["ada", "A"], ["María del Carmen", "MC"], ["  ", "?"], ["😀", "?"], ["李 威", "李威"], ["(Tom) O'Neil", "TO"],
  ])("%j is shown as %j", (name, shown) => {
    expect(initials(name)).toBe(shown);
  });

  it("has the same of seven tones everywhere", () => {
    const tones = new Set(Array.from({ length: 200 }, (_, i) => tone(`person ${String(i)}`)));
    expect([...tones].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(tone("Ada")).toBe(tone("Ada"));
  });
});

describe("the words", () => {
  it("are the same in both languages, and none is empty", () => {
    const { en, es } = deskWords;
    expect(Object.keys(es)).toEqual(Object.keys(en));
    expect(Object.keys(es.states)).toEqual(Object.keys(en.states));
    for (const word of [...Object.values(en), ...Object.values(es)]) {
      expect(word).not.toBe("");
      expect(String(word)).not.toContain("!");
    }
  });
});
