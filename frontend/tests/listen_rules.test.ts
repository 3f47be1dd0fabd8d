// What the listener's page makes of the house's words: the space, its people, the way to play.
import { describe, expect, it } from "vitest";
import { saidBy } from "../src/common/codes";
import { after, doorsOpen, isOver, PEOPLE_MAX, readPeople, readSpace, STATES } from "../src/common/space";
import { isApple, order } from "../src/listen/transport";
import { RETRY_CAP_MS, retryDelayMs, TOLD_MAX_MS, TOLD_SPREAD, toldDelayMs } from "../src/push/backoff";
import { codecFor, mimeOf } from "../src/push/codec";
import { HouseClock, SAMPLE_AGE_MAX_MS } from "../src/push/clock";
import { candidates, EDGES_MAX, readEdges } from "../src/push/edges";
import { listenWords } from "../src/words/listen";

const SAID = { id: "x", title: "Tea", state: "live", t0_utc_us: 5, hosts: ["Ada", 7], listening: 3, epoch_utc_us: 9 };
const PAGE = new URL("http://house.test:8000/s/x");

describe("a space", () => {
  it("is read with what is missing left empty", () => {
    expect(readSpace(SAID)).toMatchObject({ title: "Tea", hosts: ["Ada"], reason: "", people: [] });
  });

  it.each([null, 7, "live", [], {}, { state: "dancing" }])("is not %j", (value) => {
    expect(readSpace(value)).toBeNull();
  });

  it("changes by notices, and not by what is unknown", () => {
    const space = readSpace(SAID);
    if (space === null) throw new Error("no space");
    const told = (kind: string, body: Record<string, unknown>) => after(space, { kind, ptsSamples: 0, body });
    expect(told("count", { listening: 12_304 }).listening).toBe(12_304);
    expect(told("stage", { people: [{ id: "a", name: "Ada" }] }).people).toHaveLength(1);
    expect(told("state", { state: "ended", reason: "The hall closes." })).toMatchObject({ state: "ended", title: "Tea" });
    expect(told("state", { state: "ended", since_utc_us: 7 }).sinceUtcUs).toBe(7);
    expect(told("state", { state: "ended" }).sinceUtcUs).toBe(0);
    expect(told("state", { state: "dancing" }).state).toBe("live");
    expect(told("tomorrow", {})).toBe(space);
  });

  it("shows at most so many people, and only those it knows", () => {
    expect(readPeople([null, {}, { id: "a" }])).toHaveLength(1);
    expect(readPeople(Array.from({ length: PEOPLE_MAX + 5 }, (_, i) => ({ id: String(i) })))).toHaveLength(PEOPLE_MAX);
  });

  it("knows its codecs, its sessions and its listeners so far, where the house says them", () => {
    expect(readSpace(SAID)).toMatchObject({ codecs: ["aac"], unique: 0, hls: 0 });
    expect(readSpace({ ...SAID, codecs: ["aac", "opus", 7], unique: 40_100, hls: 12 })).toMatchObject({
      codecs: ["aac", "opus"], unique: 40_100, hls: 12,
    });
  });

  it.each([["es", "es"], ["pt-BR", "pt-BR"], ["", undefined], ['en"><b', undefined], [7, undefined]])(
    "speaks %j as %j",
    (language, read) => {
      expect(readSpace({ ...SAID, language })?.language).toBe(read);
    },
  );

  it("is never open and over at once", () => {
    expect(STATES.filter((state) => doorsOpen(state) && isOver(state))).toEqual([]);
  });
});

describe("the way to play", () => {
  const chromium = { mse: true, nativeHls: false, mp3: true, apple: false, wanted: "" };

  it.each([
    ["push first", chromium, ["push", "hlsjs", "mp3"]],
    ["native HLS first on an iPhone", { ...chromium, nativeHls: true, apple: true }, ["native", "push", "hlsjs", "mp3"]],
    ["push before native HLS on a Mac", { ...chromium, nativeHls: true }, ["push", "hlsjs", "native", "mp3"]],
    ["the last resort where nothing is admitted", { ...chromium, mse: false, mp3: false }, ["mp3"]],
    ["what the address asks for, alone", { ...chromium, wanted: "hlsjs" }, ["hlsjs"]],
    ["no nonsense from the address", { ...chromium, wanted: "tape" }, ["push", "hlsjs", "mp3"]],
  ])("is %s", (_name, device, ways) => {
    expect(order(device)).toEqual(ways);
  });

  it("knows an iPad that calls itself a Mac", () => {
    expect(isApple("Mozilla/5.0 (Macintosh)", "MacIntel", 5)).toBe(true);
    expect(isApple("Mozilla/5.0 (Macintosh)", "MacIntel", 0)).toBe(false);
    expect(isApple("Mozilla/5.0 (iPhone)", "iPhone", 5)).toBe(true);
  });
});

describe("the codec", () => {
  it.each([
    [["aac"], null, "aac"],
    [["aac", "opus"], null, "opus"],
    [["aac", "opus"], "aac", "aac"],
    [[], "opus", "opus"],
    [["aac"], "flac", "aac"],
  ] as const)("of a house with %j and an address that says %j is %s", (offered, wanted, codec) => {
    expect(codecFor(offered, wanted)).toBe(codec);
  });

  it("is spelt as the browser spells it, and is none where it takes none", () => {
    expect(mimeOf("opus", () => true)).toBe('audio/mp4; codecs="opus"');
    expect(mimeOf("opus", (mime) => mime.includes("Opus"))).toBe('audio/mp4; codecs="Opus"');
    expect(mimeOf("opus", (mime) => mime.includes("mp4a"))).toBeNull();
    expect(mimeOf("aac", (mime) => mime.includes("mp4a"))).toBe('audio/mp4; codecs="mp4a.40.2"');
  });
});

describe("the way back", () => {
  it("waits longer and longer, spread over the whole wait, up to its cap", () => {
    expect(retryDelayMs(0, 0)).toBe(0);
    expect(retryDelayMs(0, 1)).toBe(500);
    expect(retryDelayMs(3, 0.5)).toBe(2_000);
    expect(retryDelayMs(1_000, 1)).toBe(RETRY_CAP_MS);
    expect(retryDelayMs(1_000, 0.5, 2_000)).toBe(1_000);
  });

  it("takes a house at its word, spread over a part of it, and within reason", () => {
    expect([toldDelayMs(25, 0), toldDelayMs(25, 1)]).toEqual([25_000, 25_000 * (1 + TOLD_SPREAD)]);
    expect(toldDelayMs(86_400, 0)).toBe(TOLD_MAX_MS);
  });

  it("tries every edge and the page's own origin last, the same for the same listener", () => {
    const edges = readEdges({ edges: [{ id: "a", bases: [":9601", "/e/a"] }, { id: "b", bases: [":9602"] }] });
    const tried = candidates(edges, "listener", PAGE);
    expect(tried.at(-1)).toBe("http://house.test:8000");
    expect([...tried].sort()).toEqual([
      "http://house.test:8000", "http://house.test:8000/e/a", "http://house.test:9601", "http://house.test:9602",
    ]);
    expect(candidates(edges, "listener", PAGE)).toEqual(tried);
  });

  it("goes to an edge that drains last of all, and to none of them from one that it has to leave", () => {
    const edges = readEdges({
      edges: [
        { id: "a", bases: [":9601", "/e/a"] },
        { id: "b", bases: [":9602", "/e/b"], draining: true },
        { id: "c", bases: [":9603"] },
      ],
    });
    const own = "http://house.test:8000";
    for (let n = 0; n < 50; n += 1) {
      const listener = `listener ${String(n)}`;
      const all = candidates(edges, listener, PAGE);
      expect(all.slice(-3)).toEqual([own, "http://house.test:9602", `${own}/e/b`]);
      expect(candidates(edges, listener, PAGE, "http://house.test:9603")).toEqual(["http://house.test:9601", `${own}/e/a`, own]);
      // By whichever of its addresses it is known.
      expect(candidates(edges, listener, PAGE, `${own}/e/a`)).toEqual(["http://house.test:9603", own]);
      expect(candidates(edges, listener, PAGE, `${own}/e/a`, "http://house.test:9603")).toEqual([own]);
      const order = (...leaving: string[]): string[] => candidates(edges, listener, PAGE, ...leaving).filter((base) => /960[13]/.test(base));
      expect(order(own)).toEqual(order());
    }
  });

  it("spreads listeners by the edges' weights", () => {
    const edges = readEdges([{ id: "a", bases: ["/a"], weight: 3 }, { id: "b", bases: ["/b"], weight: 1 }]);
    const first = Array.from({ length: 2_000 }, (_, i) => candidates(edges, `listener ${String(i)}`, PAGE)[0]);
    const share = first.filter((base) => base?.endsWith("/a")).length / first.length;
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(0.8);
  });

  it("passes over an address that is none", () => {
    const edges = readEdges([{ id: "a", bases: ["http://[", ":99999999", "/e/a"] }]);
    expect(candidates(edges, "listener", PAGE)).toEqual(["http://house.test:8000/e/a", "http://house.test:8000"]);
  });

  it("passes over what is no edge, and does not read for ever", () => {
    expect(readEdges("edges")).toEqual([]);
    expect(readEdges([null, {}, { id: "a" }])).toEqual([]);
    expect(readEdges(Array.from({ length: EDGES_MAX + 9 }, (_, i) => ({ id: String(i), bases: [] })))).toHaveLength(EDGES_MAX);
  });
});

describe("the house's clock", () => {
  it("is this machine's until the house has answered", () => {
    expect(new HouseClock().nowUtcUs(5, 1_000)).toBe(1_000_000);
  });

  it("believes the shortest round trip, until it is old", () => {
    const clock = new HouseClock();
    clock.sample(1_000_000_000, 0, 10);
    expect(clock.nowUtcUs(5, 0)).toBe(1_000_000_000);
    clock.sample(9_000_000_000, 0, 4_000);
    expect(clock.nowUtcUs(5, 0)).toBe(1_000_000_000);
    clock.sample(9_000_000_000, SAMPLE_AGE_MAX_MS + 100, SAMPLE_AGE_MAX_MS + 4_100);
    expect(clock.nowUtcUs(SAMPLE_AGE_MAX_MS + 2_100, 0)).toBe(9_000_000_000);
  });
});

describe("the words", () => {
  it("are the same in both languages, and none is empty", () => {
    const { en, es } = listenWords;
    for (const [one, other] of [[en, es], [en.codes, es.codes], [en.house, es.house]] as const) {
      expect(Object.keys(other)).toEqual(Object.keys(one));
      for (const word of [...Object.values(one), ...Object.values(other)]) {
        expect(typeof word === "string" ? word : "word").not.toBe("");
        expect(String(word)).not.toContain("!");
      }
    }
  });

  it("are the page's own for a code that it knows, and the house's for any other", () => {
    const { codes } = listenWords.es;
    expect(saidBy(codes, { code: "full", sentence: "It is full." })).toBe(codes["full"]);
    expect(saidBy(codes, { code: "tomorrow", sentence: "Something new." })).toBe("Something new.");
    expect(saidBy(codes, { code: "constructor", sentence: "" })).toBe("");
  });
});
