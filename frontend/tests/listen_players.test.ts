// hls.js, native HLS and MP3: they come back, say why they stopped, and give up only on themselves.
import { Events } from "hls.js/light";
import type Hls from "hls.js/light";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FRUITLESS_MAX } from "../src/listen/comeback";
import { askedBy, HlsPlayer } from "../src/listen/hls";
import type { PlayerEvents } from "../src/listen/player";
import { PlainPlayer, STILL_MAX_MS } from "../src/listen/plain";
import { RETRY_CAP_MS } from "../src/push/backoff";
import { FakeAudio } from "./fake_audio";
import { FakeEvents } from "./fake_events";
import { tag } from "./push_sample";

/** By the least of all chances nobody waits between two tries. */
const AT_ONCE_MS = 10;

let audio: FakeAudio;
let events: FakeEvents;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("location", { origin: "http://house.test" });
  vi.spyOn(Math, "random").mockReturnValue(0);
  [audio, events] = [new FakeAudio(), new FakeEvents()];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const later = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** Plays for a while: the element's time goes on. */
async function plays(ms: number): Promise<void> {
  audio.say("playing");
  for (let gone = 0; gone < ms; gone += 500) {
    audio.currentTime += 0.5;
    await later(500);
  }
}

function plain(path = "/live/x/stream.mp3"): PlainPlayer {
  const player = new PlainPlayer(path, audio.element, events);
  player.start();
  return player;
}

describe("a plain stream", () => {
  it("is opened again for ever while the house is away", async () => {
    plain();
    for (let failures = 0; failures < 10 * FRUITLESS_MAX; failures += 1) {
      audio.say("error");
      await later(AT_ONCE_MS);
    }
    expect([events.count("lost"), events.count("asked"), events.count("gave up")]).toEqual([10 * FRUITLESS_MAX, 10, 0]);
    expect(new Set(audio.sources).size).toBeGreaterThan(1);
  });

  it("gives up at its limit where the house answers, and says nothing more", async () => {
    events.answers = true;
    plain();
    for (let failures = 0; failures < FRUITLESS_MAX; failures += 1) {
      expect(events.count("gave up")).toBe(0);
      audio.say("error");
      await later(AT_ONCE_MS);
    }
    audio.say("error");
    await later(RETRY_CAP_MS);
    expect(events.said).toEqual([...Array<string>(FRUITLESS_MAX - 1).fill("lost"), "asked", "gave up"]);
  });

  it("that plays in between has not failed in a row", async () => {
    events.answers = true;
    plain();
    for (let failures = 0; failures < 5 * FRUITLESS_MAX; failures += 1) {
      audio.say("error");
      await later(AT_ONCE_MS);
      audio.say("playing");
    }
    expect(events.count("gave up")).toBe(0);
  });

  it("that comes to its end was closed by the house, not lost", async () => {
    plain();
    await plays(2_000);
    audio.paused = audio.ended = true;
    audio.say("ended");
    expect(events.said).toEqual(["playing", "closed"]);
  });

  it("that stands still is opened again after its limit, and not before", async () => {
    plain();
    await plays(3_000);
    await later(STILL_MAX_MS - 1_000);
    expect(events.said).toEqual(["playing"]);
    await later(2_000);
    expect(events.said).toEqual(["playing", "silent"]);
  });

  it("is not opened while the device holds it back, and then from the newest", async () => {
    const player = plain();
    await plays(1_000);
    audio.pause();
    const before = audio.sources.length;
    await later(10 * STILL_MAX_MS);
    audio.say("error");
    await later(RETRY_CAP_MS);
    expect([audio.sources.length, events.count("lost")]).toEqual([before, 0]);
    player.resumed();
    await later(0);
    expect(audio.sources.length).toBe(before + 1);
  });

  it("tries at once when it is told to", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.99);
    const player = plain();
    audio.say("error");
    const before = audio.sources.length;
    player.retryNow();
    player.retryNow();
    await later(0);
    expect(audio.sources.length).toBe(before + 1);
  });
});

describe("native HLS", () => {
  it("goes on at the live end after a pause that was not the page's", async () => {
    const player = plain("/live/x/master.m3u8");
    Object.assign(audio.seekable, { length: 1, end: () => 321 });
    await plays(1_000);
    player.resumed();
    expect([audio.currentTime, audio.sources.length]).toEqual([321, 1]);
  });
});

class FakeHls {
  static made: FakeHls[] = [];
  destroyed = false;
  liveSyncPosition = 42;
  private readonly heard = new Map<string, (name: string, data: unknown) => void>();

  constructor() {
    FakeHls.made.push(this);
  }
  on(name: string, hear: (name: string, data: unknown) => void): void {
    this.heard.set(name, hear);
  }
  loadSource(): void {}
  attachMedia(): void {}
  destroy(): void {
    this.destroyed = true;
  }
  say(name: string, data: unknown = {}): void {
    this.heard.get(name)?.(name, data);
  }
  fail(): void {
    this.say(Events.ERROR, { fatal: true });
  }
}

describe("hls.js", () => {
  const newest = (): FakeHls => {
    const last = FakeHls.made.at(-1);
    if (last === undefined) throw new Error("hls.js was not made");
    return last;
  };

  async function opened(): Promise<HlsPlayer> {
    FakeHls.made = [];
    const player = new HlsPlayer({ space: "x", query: "?l=me" }, audio.element, events, () => new FakeHls() as unknown as Hls);
    player.start();
    await later(0);
    return player;
  }

  it("is one at a time: what failed is gone before the next is made, however often it says so", async () => {
    await opened();
    for (let failures = 0; failures < 10; failures += 1) {
      const failing = newest();
      failing.fail();
      failing.fail();
      expect(failing.destroyed).toBe(true);
      await later(RETRY_CAP_MS);
      expect(FakeHls.made).toHaveLength(failures + 2);
    }
    expect(FakeHls.made.filter((one) => !one.destroyed)).toHaveLength(1);
  });

  it("asks for playlists as this listener, and for segments as everybody", () => {
    const query = "?l=me&ticket=t%2B1";
    expect(askedBy(query, "http://a.test/live/x/R/aac/audio.m3u8")).toBe("http://a.test/live/x/R/aac/audio.m3u8?l=me&ticket=t%2B1");
    expect(askedBy(query, "http://a.test/p.m3u8?_HLS_msn=7&l=me")).toBe("http://a.test/p.m3u8?_HLS_msn=7&l=me&ticket=t%2B1");
    expect(askedBy(query, "http://a.test/live/x/R/aac/seg-7.m4s")).toBe("http://a.test/live/x/R/aac/seg-7.m4s");
  });

  it("that is opened again says nothing of what it was told before", async () => {
    const said = vi.spyOn(events as PlayerEvents, "notice");
    const tells = (listening: number, pts: number): void => {
      const data = tag(JSON.stringify({ kind: "count", pts: 0, listening }));
      newest().say(Events.FRAG_PARSING_METADATA, { samples: [{ pts, data }] });
    };
    await opened();
    tells(1, 500);
    newest().fail();
    await later(RETRY_CAP_MS);
    tells(2, 3);
    audio.currentTime = 0;
    await plays(3_000);
    audio.currentTime = 600;
    await later(1_000);
    expect(said.mock.calls.map(([{ body }]) => body["listening"])).toEqual([2]);
  });

  it("gives up at its limit where the house answers", async () => {
    events.answers = true;
    await opened();
    for (let failures = 0; failures < FRUITLESS_MAX; failures += 1) {
      newest().fail();
      await later(RETRY_CAP_MS);
    }
    expect(events.count("gave up")).toBe(1);
    expect(FakeHls.made).toHaveLength(FRUITLESS_MAX);
  });

  it("says that it lives with each piece of sound, and goes on at the newest after a pause", async () => {
    const player = await opened();
    newest().say(Events.FRAG_BUFFERED);
    expect(events.count("alive")).toBe(1);
    player.resumed();
    expect(audio.currentTime).toBe(42);
  });
});
