// A listener goes from edge to edge without a hole, waits where it is told to, and takes what is offered.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TOLD_SPREAD } from "../src/push/backoff";
import type { Codec } from "../src/push/codec";
import { FRUITLESS_TRIES_MAX, HELD_MAX, MOVE_WITHIN_MAX_S, OTHERS_ASKED_MAX } from "../src/push/line";
import { BROKEN_DECKS_MAX, LOOK_MS, PREPARE_S, PushPlayer } from "../src/push/player";
import { MalformedStreamError } from "../src/push/boxes";
import { SilentError } from "../src/push/stream";
import { FakeAudio } from "./fake_audio";
import { FakeEdges } from "./fake_edges";
import { FakeEvents } from "./fake_events";
import { FakeDeck } from "./fake_house";

let edges: FakeEdges;
let events: FakeEvents;
let audio: FakeAudio;
let decks: { deck: FakeDeck; codec: Codec }[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
  [edges, events, audio, decks] = [new FakeEdges(), new FakeEvents(), new FakeAudio(), []];
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const later = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

async function started(codec: Codec = "aac"): Promise<PushPlayer> {
  const deck = (_audio: HTMLAudioElement, _changed: () => void, asked: Codec): FakeDeck => {
    const one = new FakeDeck();
    decks.push({ deck: one, codec: asked });
    return one;
  };
  const player = new PushPlayer({ space: "x", query: "?l=me", codec }, audio.element, events, { read: edges.read, deck });
  player.start();
  await later(0);
  return player;
}

/** A buffer that holds all that was given, and an element that plays it. */
async function plays(toS: number): Promise<void> {
  const { deck } = decks.at(-1) ?? { deck: new FakeDeck() };
  deck.ranges = [{ start: 0, end: toS }];
  await later(LOOK_MS);
}

describe("an edge that drains", () => {
  /** Listens at a.test, which says that everybody is to move within ten seconds. */
  async function told(withinS: unknown = 10): Promise<PushPlayer> {
    const player = await started();
    edges.last.head();
    edges.last.sound(0, 0.96);
    edges.last.notice("move", { within_s: withinS });
    return player;
  }

  it.each([0, 0.5, 0.999])("is left at a random moment within its time, and only once the other has sound: %f", async (chance) => {
    const player = await told();
    vi.spyOn(Math, "random").mockReturnValue(chance);
    edges.last.notice("move", { within_s: 10 });
    // The chance was taken when it was said first: what is said again moves nobody twice.
    await later(10_000);
    const [old, next] = edges.opened;
    expect([edges.asked, old?.open]).toEqual([["a.test", "b.test"], true]);
    old?.sound(0.96, 1.28);
    expect(old?.open).toBe(true);
    next?.head();
    next?.sound(0.32, 1.28);
    expect([old?.open, next?.open]).toEqual([false, true]);
    next?.sound(1.28, 1.6);
    await later(60_000);
    expect(edges.opened).toHaveLength(2);
    expect([player.base, player.connections, events.said.filter((said) => said !== "alive")]).toEqual(["http://b.test", 2, []]);
  });

  it("is left within its time, whatever the chance", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999);
    await told();
    await later(9_000);
    expect(edges.opened).toHaveLength(1);
    await later(1_000);
    expect(edges.opened).toHaveLength(2);
    expect(MOVE_WITHIN_MAX_S).toBeGreaterThanOrEqual(60);
  });

  it.each([-1, "soon", null, Number.NaN])("is believed no time that is none: %j", async (withinS) => {
    await told(withinS);
    await later(60_000);
    expect(edges.opened).toHaveLength(1);
  });

  it("plays on while the others refuse, and one after the other is asked", async () => {
    edges.met = (one) => {
      if (one.edge === "b.test" && edges.opened.length < 5) one.refuses(503, "full");
    };
    await told();
    await later(60_000);
    expect(edges.asked).toEqual(["a.test", "b.test", "b.test", "b.test", "b.test"]);
    expect(edges.opened[0]?.open).toBe(true);
    expect(events.count("refused")).toBe(0);
    edges.last.sound(0, 1.28);
    expect(edges.opened[0]?.open).toBe(false);
  });

  it("that ends before another one has sound is lost like any, and not asked again at once", async () => {
    await told();
    await later(10);
    edges.opened[0]?.ends();
    await later(10);
    expect(events.count("closed")).toBe(1);
    expect(edges.opened.map((one) => [one.edge, one.open])).toEqual([["a.test", false], ["b.test", false], ["b.test", true]]);
  });

  it("hands over where no hole is, and with what the next one has said", async () => {
    await told();
    await later(10);
    const [old, next] = edges.opened;
    const said = vi.spyOn(events, "notice");
    next?.head();
    next?.sound(1.6, 1.92);
    expect(old?.open).toBe(true);
    for (let n = 0; n < HELD_MAX + 9; n += 1) next?.notice("count", { listening: n }, 115_200);
    // What was said with sound that is here already was said by the old one.
    next?.notice("count", { listening: 0 }, 48_000);
    old?.sound(0.96, 2.24);
    next?.sound(1.92, 2.56);
    expect(old?.open).toBe(false);
    await plays(2.56);
    audio.currentTime = 2.5;
    await later(LOOK_MS);
    expect(said.mock.calls.length).toBeLessThanOrEqual(HELD_MAX);
    expect(said.mock.calls.length).toBeGreaterThan(0);
  });

  it("is held until the next one's second fragment where its burst may be of a longer tick", async () => {
    await told();
    for (let endS = 1.06; endS < 1.6; endS += 0.1) edges.last.sound(endS - 0.1, endS);
    await plays(1.56);
    await later(10);
    const [old, next] = edges.opened;
    next?.sound(0.6, 1.56);
    expect(old?.open).toBe(true);
    next?.sound(1.56, 1.66);
    expect(old?.open).toBe(false);
  });

  it("is held until there is enough sound for a longer tick of the next", async () => {
    await told();
    await plays(0.96);
    const [old] = edges.opened;
    await later(10);
    const next = edges.opened[1];
    next?.sound(0, 1.92);
    expect(old?.open).toBe(true);
    let endS = 0.96;
    let slowest = 1;
    for (let turn = 0; turn < 40 && old?.open === true; turn += 1) {
      await later(320);
      audio.currentTime += 0.32 * audio.playbackRate;
      slowest = Math.min(slowest, audio.playbackRate);
      endS += 0.32;
      old.sound(endS - 0.32, endS);
      await plays(endS);
      audio.currentTime += (LOOK_MS / 1000) * audio.playbackRate;
      if (turn % 6 === 5) next?.sound(endS - 1.92, endS);
    }
    expect(old?.open).toBe(false);
    expect(slowest).toBeLessThan(1);
    expect(endS).toBeLessThan(0.96 + 2 * PREPARE_S);
  });
});

describe("the notice tick", () => {
  it("counts at once, long before its moment is heard", async () => {
    await started();
    edges.last.sound(0, 0.96);
    await plays(0.96);
    for (let endS = 1.28; endS < 4; endS += 0.32) {
      await later(320 - LOOK_MS);
      audio.currentTime += 0.32;
      edges.last.sound(endS - 0.32, endS);
      await plays(endS);
    }
    expect(audio.playbackRate).toBeGreaterThan(0.95);
    edges.last.notice("tick", { messages: 18, from: 10 * 48_000 }, 10 * 48_000);
    await later(LOOK_MS);
    expect(audio.playbackRate).toBeLessThan(0.9);
    expect(audio.playbackRate).toBeGreaterThanOrEqual(0.75);
  });
});

describe("a house without room", () => {
  it("is asked again at the place that it gave, after some other edges and the time that it said", async () => {
    const troubles = vi.spyOn(events, "trouble");
    events.edges = ["a", "b", "c", "d"].map((name) => `http://${name}.test`);
    edges.met = (one) => one.refuses(503, "waiting", { place: 340, waitS: 25 });
    await started();
    await later(1_000);
    expect(edges.asked).toEqual(["a.test", "b.test", "c.test"]);
    expect(troubles.mock.calls.every(([said]) => (said as { place?: number }).place === 340)).toBe(true);
    await later(23_000);
    expect(edges.opened).toHaveLength(1 + OTHERS_ASKED_MAX);
    await later(25_000 * TOLD_SPREAD + 1_100);
    expect(edges.opened[1 + OTHERS_ASKED_MAX]?.edge).toBe("a.test");
    expect(events.count("asked")).toBe(0);
  });

  it("is not asked twice in one round where it has few edges", async () => {
    edges.met = (one) => one.refuses(503, "waiting", { place: 340, waitS: 25 });
    await started();
    await later(24_000);
    expect(edges.asked).toEqual(["a.test", "b.test"]);
    await later(25_000 * TOLD_SPREAD + 2_000);
    expect(edges.asked).toEqual(["a.test", "b.test", "a.test", "b.test"]);
  });

  it("is spread over a quarter of its time more", async () => {
    edges.met = (one) => one.refuses(429, "too_many", { waitS: 20 });
    vi.spyOn(Math, "random").mockReturnValue(0.999);
    await started();
    await later(24_000);
    expect(edges.opened).toHaveLength(1);
    await later(1_000);
    expect(edges.opened).toHaveLength(2);
  });

  it.each([["too_many", 429, 10_000], ["ticket", 403, 15_000]])("that says %s is not asked again at once", async (code, status, ms) => {
    edges.met = (one) => one.refuses(status, code);
    await started();
    await later(ms - 100);
    expect([edges.opened.length, events.count("refused")]).toEqual([1, 1]);
    await later(200);
    expect(edges.opened).toHaveLength(2);
  });

  it("but with HLS is left to the page, and asked again where the page has no use for it", async () => {
    edges.met = (one) => one.refuses(503, "use_hls");
    events.takesHls = true;
    await started();
    await later(60_000);
    expect([edges.opened.length, events.said]).toEqual([1, ["offered HLS"]]);
    [edges, events] = [new FakeEdges(), new FakeEvents()];
    edges.met = (one) => one.refuses(503, "use_hls");
    await started();
    await later(1_000);
    expect(edges.opened.length).toBeGreaterThan(1);
  });
});

describe("Opus", () => {
  const files = (): string[] => edges.opened.map((one) => one.url.pathname.split("/").at(-1) ?? "");

  it("is asked for by its own name, as this listener, and played as what it is", async () => {
    await started("opus");
    expect(edges.last.url.href).toBe("http://a.test/live/x/push-opus.mp4?l=me");
    expect(decks.map((one) => one.codec)).toEqual(["opus"]);
  });

  it.each([404, 406, 415])("that is refused with %i gives place to AAC, at once and for the visit", async (status) => {
    edges.met = (one) => {
      if (one.url.pathname.includes("opus")) one.refuses(status, "nothing_here");
    };
    await started("opus");
    expect(files()).toEqual(["push-opus.mp4", "push.mp4"]);
    expect([decks.map((one) => one.codec), decks[0]?.deck.broken, events.said]).toEqual([["opus", "aac"], true, []]);
  });

  it("that cannot be read gives place to AAC", async () => {
    edges.met = (one) => {
      if (one.url.pathname.includes("opus")) one.ends(new MalformedStreamError("not ours"));
    };
    await started("opus");
    expect(files()).toEqual(["push-opus.mp4", "push.mp4"]);
  });

  it("that the decoder does not take gives place to AAC, which has all its chances still", async () => {
    await started("opus");
    edges.last.head();
    edges.last.sound(0, 0.96);
    for (let n = 0; n < BROKEN_DECKS_MAX; n += 1) {
      for (const { deck } of decks) deck.broken = true;
      await later(LOOK_MS);
      expect(events.count("gave up")).toBe(0);
    }
    expect(files()).toEqual(["push-opus.mp4", "push.mp4"]);
    expect(decks.map((one) => one.codec)).toEqual(["opus", ...Array<string>(BROKEN_DECKS_MAX).fill("aac")]);
    edges.last.sound(0, 0.96);
    expect(decks.at(-1)?.deck.append).toHaveBeenCalled();
  });

  it("that has gone while the edge still speaks gives place to AAC, after a spread wait", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    await started("opus");
    edges.last.head();
    edges.last.sound(0, 0.96);
    edges.last.ends(new SilentError(true));
    await later(0);
    expect([files(), events.count("silent")]).toEqual([["push-opus.mp4"], 1]);
    await later(1_000);
    expect(files()).toEqual(["push-opus.mp4", "push.mp4"]);
    // Not so where nothing came through at all: that was the way.
    edges = new FakeEdges();
    await started("opus");
    edges.last.ends(new SilentError(false));
    await later(1_000);
    expect(files()).toEqual(["push-opus.mp4", "push-opus.mp4"]);
  });

  it("that never brings a sound gives place to AAC before another way is looked for", async () => {
    events.answers = true;
    edges.met = (one) => one.ends(new TypeError("network"));
    await started("opus");
    await later(1_000);
    expect(files().filter((file) => file === "push-opus.mp4")).toHaveLength(FRUITLESS_TRIES_MAX);
    expect([events.count("asked"), events.count("gave up")]).toEqual([1, 1]);
  });

  it("is not given up for what the house says of all streams", async () => {
    edges.met = (one) => one.refuses(503, "full");
    await started("opus");
    await later(100);
    expect(new Set(files())).toEqual(new Set(["push-opus.mp4"]));
  });
});
