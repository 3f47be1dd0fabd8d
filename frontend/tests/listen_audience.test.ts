// Reactions and hands: few, small, to the edge in use, and never more than the house takes.
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Measure, REACTIONS, REACTIONS_PER_S_MAX, readCounts, SEND_MAX_MS, type Sender, sendHand, sendReaction } from "../src/listen/audience";
import { listenerId, queryOf, TICKET_CHARS_MAX } from "../src/listen/listener";
import { audienceWords } from "../src/words/audience";
import { waitingWords } from "../src/words/waiting";

const ME: Sender = { base: "http://a.test:9601", id: "x", listener: "me-who-listens-here", query: "?l=me" };

let asked: { url: string; init: RequestInit }[];
let answer: () => Promise<Response>;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  answer = () => Promise.resolve(Response.json({ ok: true }, { status: 202 }));
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    asked.push({ url, init });
    return answer();
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("what a listener sends", () => {
  it("goes to the edge in use as the house reads it, without a cookie", async () => {
    expect(await sendReaction(ME, "clap")).toBe("taken");
    expect(await sendHand({ ...ME, base: "" }, true)).toBe("taken");
    const bodies = asked.map(({ init }) => JSON.parse(init.body as string) as unknown);
    expect(bodies).toEqual([{ reaction: "clap", listener: ME.listener }, { up: true, listener: ME.listener }]);
    expect(asked.map(({ url }) => url.split("?")[0])).toEqual(["http://a.test:9601/live/x/reactions", "/live/x/hands"]);
    for (const { init } of asked) expect(init).toMatchObject({ method: "POST", credentials: "omit" });
  });

  it.each([[429, "tooOften"], [409, "notNow"], [404, "notNow"], [503, "notNow"]])("that is answered with %i is told as %s", async (status, word) => {
    answer = () => Promise.resolve(Response.json({}, { status }));
    expect(await sendReaction(ME, "wow")).toBe(word);
  });

  it("that nobody answers is lost after its time", async () => {
    answer = () =>
      new Promise((_, reject) => {
        const signal = asked.at(-1)?.init.signal;
        signal?.addEventListener("abort", () => reject(signal.reason as Error));
      });
    const sent = sendHand(ME, false);
    await vi.advanceTimersByTimeAsync(SEND_MAX_MS);
    expect(await sent).toBe("lost");
  });

  it("is at most so much in any second", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 60 }), (gaps) => {
        const measure = new Measure();
        const taken: number[] = [];
        let nowMs = 0;
        for (const gap of gaps) {
          nowMs += gap;
          if (measure.takes(nowMs)) taken.push(nowMs);
        }
        for (const from of taken) expect(taken.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(REACTIONS_PER_S_MAX);
      }),
    );
    const measure = new Measure();
    expect([0, 1, 2, 1_000, 1_001, 1_002].map((at) => measure.takes(at))).toEqual([true, true, false, true, true, false]);
  });
});

describe("the counts of all", () => {
  it("are read from any JSON: known kinds, whole numbers from one on, in one order", () => {
    const some = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...REACTIONS, "boo"), fc.jsonValue()));
    fc.assert(
      fc.property(some, (value) => {
        const counts = readCounts(value);
        for (const { count } of counts) expect(Number.isSafeInteger(count) && count >= 1).toBe(true);
        const kinds = counts.map((one) => one.kind);
        expect(kinds).toEqual(REACTIONS.filter((kind) => kinds.includes(kind)));
      }),
    );
    expect(readCounts({ heart: 3, clap: 12, boo: 9, wow: 0 })).toEqual([
      { kind: "clap", count: 12 },
      { kind: "heart", count: 3 },
    ]);
  });
});

describe("this tab's listener", () => {
  const page = (search: string): URL => new URL(`http://house.test/s/x${search}`);

  it("has an id that the house takes, the same until the tab is closed", () => {
    const kept = new Map<string, string>();
    vi.stubGlobal("sessionStorage", {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    });
    const id = listenerId();
    expect(id).toMatch(/^[A-Za-z0-9_-]{22,64}$/);
    expect(listenerId()).toBe(id);
    for (const key of kept.keys()) kept.set(key, "x y");
    expect(listenerId()).toMatch(/^[A-Za-z0-9_-]{22,64}$/);
  });

  it("has one for as long as the page is where storage is forbidden", () => {
    vi.stubGlobal("sessionStorage", {
      getItem: () => {
        throw new DOMException("", "SecurityError");
      },
    });
    expect(new Set(Array.from({ length: 100 }, listenerId)).size).toBe(100);
  });

  it("is asked with, and with the page's ticket where it has one", () => {
    expect(queryOf("me", page(""))).toBe("?l=me");
    expect(queryOf("me", page("?codec=aac&ticket=a%26b.c"))).toBe("?l=me&ticket=a%26b.c");
    expect(queryOf("me", page(`?ticket=${"t".repeat(TICKET_CHARS_MAX)}`))).toContain("ticket");
    expect(queryOf("me", page(`?ticket=${"t".repeat(TICKET_CHARS_MAX + 1)}`))).toBe("?l=me");
  });
});

describe("the words that come later", () => {
  it.each([audienceWords, waitingWords])("are the same in both languages, and none is empty", ({ en, es }) => {
    expect(Object.keys(es)).toEqual(Object.keys(en));
    for (const word of [...Object.values(en), ...Object.values(es)]) {
      expect(typeof word === "string" ? word : "word").not.toBe("");
      expect(String(word)).not.toContain("!");
    }
    expect(Object.keys(audienceWords.es.kinds)).toEqual([...REACTIONS]);
  });
});
