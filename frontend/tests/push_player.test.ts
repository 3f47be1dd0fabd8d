// The push player gives up where the browser or the way is at fault, and nowhere else.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { APPENDS_WAITING_MAX, Deck } from "../src/push/deck";
import { LONGEST_TICK_S } from "../src/push/grid";
import { FRUITLESS_TRIES_MAX } from "../src/push/line";
import { BROKEN_DECKS_MAX, LOOK_MS, PushPlayer, type PushTools } from "../src/push/player";
import { FIRST_BYTE_MAX_MS, readStream, RefusedError, SILENCE_MAX_MS } from "../src/push/stream";
import { FakeAudio } from "./fake_audio";
import { FakeEvents } from "./fake_events";
import { FakeDeck, FakeHouse } from "./fake_house";
import { type Bytes, head } from "./push_sample";

let house: FakeHouse;
let events: FakeEvents;
let audio: FakeAudio;

beforeEach(() => {
  vi.useFakeTimers();
  [house, events, audio] = [new FakeHouse(), new FakeEvents(), new FakeAudio()];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const later = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

function started(tools: Partial<PushTools> = {}): PushPlayer {
  const player = new PushPlayer({ space: "x", query: "", codec: "aac" }, audio.element, events, { ...house.tools, ...tools });
  player.start();
  return player;
}

describe("fruitless tries", () => {
  it("are asked about at their limit, counted anew while the house is away, and end where it answers", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    let tries = 0;
    const read = (): Promise<void> => {
      tries += 1;
      events.said.length = tries === 2 * FRUITLESS_TRIES_MAX ? 0 : events.said.length;
      events.answers = tries === 2 * FRUITLESS_TRIES_MAX;
      return Promise.reject(new TypeError("Failed to fetch"));
    };
    started({ read });
    await later(1_000);
    expect(tries).toBe(2 * FRUITLESS_TRIES_MAX);
    expect(events.said).toEqual(["asked", "gave up"]);
  });

  it("are forgotten by a single fragment", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    let tries = 0;
    const span = { startS: 0, endS: 0.3 };
    started({
      read: (_url, _signal, give) => {
        tries += 1;
        if (tries % (FRUITLESS_TRIES_MAX - 1) === 0) give({ kind: "fragment", bytes: new Uint8Array(1), span });
        return tries > 100 ? new Promise(() => undefined) : Promise.reject(new TypeError("lost"));
      },
    });
    await later(1_000);
    expect([tries, events.count("asked")]).toEqual([101, 0]);
  });
});

describe("a refusal", () => {
  it.each([
    ["a front door that finds nobody", 502, "", "", "lost"],
    ["the house", 503, "It is full.", "full", "refused"],
    ["a house with other codes", 503, "", "tomorrow", "refused"],
    ["a proxy", 403, "", "", "refused"],
  ])("of %s", async (_name, status, sentence, code, why) => {
    started({ read: () => Promise.reject(new RefusedError(status, { sentence, code })) });
    await later(1);
    expect(events.said).toEqual([why]);
  });
});

describe("decoders that break", () => {
  it("are replaced until their limit, and then another way is used", async () => {
    const decks: FakeDeck[] = [];
    const deck = (): FakeDeck => {
      const one = new FakeDeck();
      decks.push(one);
      return one;
    };
    started({ deck });
    for (let broken = 1; broken <= BROKEN_DECKS_MAX; broken += 1) {
      expect([decks.length, events.count("gave up")]).toEqual([broken, 0]);
      for (const one of decks) one.broken = true;
      await later(LOOK_MS);
    }
    expect([decks.length, events.count("gave up")]).toEqual([BROKEN_DECKS_MAX, 1]);
    const { fragments } = house;
    await later(60_000);
    expect([house.fragments, events.count("gave up")]).toEqual([fragments, 1]);
  });

  it("are none where the browser has no such thing", () => {
    started({ deck: () => null });
    expect(events.said).toEqual(["gave up"]);
  });
});

describe("after a pause that was not ours", () => {
  it("the newest is heard", async () => {
    const deck = new FakeDeck();
    const player = started({ deck: () => deck });
    await later(2_000);
    const newestS = (): number => house.fragments * 0.32;
    deck.ranges = [{ start: 0, end: newestS() }];
    await later(LOOK_MS);
    const { currentTime } = audio;
    await later(60_000);
    deck.ranges = [{ start: 0, end: newestS() }];
    audio.currentTime = currentTime;
    player.resumed();
    await later(LOOK_MS);
    expect(audio.currentTime).toBeGreaterThan(60);
  });
});

describe("a stream", () => {
  const silent = (body: ReadableStream<Bytes> | null): typeof fetch => (_url, init) =>
    new Promise((resolve, reject) => {
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason as Error));
      if (body !== null) resolve(new Response(body));
    });

  async function ends(get: typeof fetch): Promise<() => string> {
    let now = "open";
    readStream("http://a.test", new AbortController().signal, () => undefined, get).catch((error: Error) => (now = error.message));
    await later(0);
    return () => now;
  }

  it("without a first byte is silent after its limit", async () => {
    const now = await ends(silent(null));
    await later(FIRST_BYTE_MAX_MS - 1);
    expect(now()).toBe("open");
    await later(1);
    expect(now()).toBe("silent");
  });

  it("may miss two writes of the longest tick", () => {
    expect(SILENCE_MAX_MS).toBeGreaterThanOrEqual(3 * LONGEST_TICK_S * 1_000);
    expect(FIRST_BYTE_MAX_MS).toBeGreaterThan(2 * LONGEST_TICK_S * 1_000);
  });

  it("that stops is silent after its limit, counted from its last byte", async () => {
    let send: (bytes: Bytes) => void = () => undefined;
    const body = new ReadableStream<Bytes>({
      start: (control) => void (send = (bytes) => control.enqueue(bytes)),
    });
    // Aborting a fetch fails its body (Fetch, 4.5); this one is made by hand.
    const reader = body.getReader();
    const get: typeof fetch = (_url, init) => {
      const aborted = new Promise<never>((_, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason as Error));
      });
      const read = (): Promise<unknown> => Promise.race([reader.read(), aborted]);
      return Promise.resolve({ ok: true, status: 200, body: { getReader: () => ({ read }) } } as unknown as Response);
    };
    const now = await ends(get);
    for (let ms = 0; ms < 5 * SILENCE_MAX_MS; ms += SILENCE_MAX_MS / 2) {
      send(head());
      await later(SILENCE_MAX_MS / 2);
      expect(now()).toBe("open");
    }
    await later(SILENCE_MAX_MS / 2 + 1);
    expect(now()).toBe("silent");
  });
});

describe("the deck", () => {
  class FakeBuffer extends EventTarget {
    updating = true;
    readonly buffered = { length: 0 };
    readonly taken: number[] = [];
    appendBuffer(bytes: Bytes): void {
      this.taken.push(bytes[0] ?? -1);
    }
  }
  class FakeSource extends EventTarget {
    readyState = "open";
    static buffer: FakeBuffer;
    addSourceBuffer(): FakeBuffer {
      FakeSource.buffer = new FakeBuffer();
      return FakeSource.buffer;
    }
  }

  it("keeps the head and the newest of what a browser does not take in time", () => {
    vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:deck", revokeObjectURL: () => undefined }));
    let source: FakeSource | undefined;
    const kind = class extends FakeSource {
      constructor() {
        super();
        source = this;
      }
    };
    const deck = new Deck(audio.element, kind as unknown as typeof MediaSource, "audio/mp4", () => undefined);
    source?.dispatchEvent(new Event("sourceopen"));
    const { buffer } = FakeSource;
    for (let n = 0; n < APPENDS_WAITING_MAX + 9; n += 1) deck.append(new Uint8Array([n]));
    buffer.updating = false;
    for (let n = 0; n < APPENDS_WAITING_MAX + 9; n += 1) buffer.dispatchEvent(new Event("updateend"));
    expect(buffer.taken).toHaveLength(APPENDS_WAITING_MAX);
    expect([buffer.taken[0], buffer.taken[1], buffer.taken.at(-1)]).toEqual([0, 10, APPENDS_WAITING_MAX + 8]);
  });
});
