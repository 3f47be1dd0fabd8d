// The stream is read in whatever chunks it comes; a damaged one ends with a word, never a crash.
import { afterEach, describe, expect, it, vi } from "vitest";
import { BOX_BYTES_MAX, MalformedStreamError } from "../src/push/boxes";
import { DueNotices, WAITING_NOTICES_MAX } from "../src/push/due";
import { NOTICE_BYTES_MAX, readId3 } from "../src/push/notice";
import { type Piece, PieceReader, readStream, refusalOf, RefusedError, SILENCE_MAX_MS, SilentError } from "../src/push/stream";
import { box, type Bytes, bytesOf, chances, emsg, fragment, head, tag, u32 } from "./push_sample";

const NOTICE = '{"kind":"count","pts":15360,"listening":7}';
const STREAM = bytesOf(head(), emsg(NOTICE), fragment(0, 15), fragment(15_360, 15));
const FUZZ_RUNS = 3_000;

function read(stream: Bytes, sizes: () => number): Piece[] {
  const reader = new PieceReader();
  const pieces: Piece[] = [];
  for (let at = 0; at < stream.length; ) {
    const size = Math.max(1, sizes());
    pieces.push(...reader.push(stream.subarray(at, at + size)));
    at += size;
  }
  return pieces;
}

describe("the push stream", () => {
  const whole = read(STREAM, () => STREAM.length);

  it("gives head, notices and fragments in order", () => {
    expect(whole.map((piece) => piece.kind)).toEqual(["head", "notices", "fragment", "fragment"]);
    expect(whole[1]).toMatchObject({ notices: [{ kind: "count", ptsSamples: 15_360, body: { listening: 7 } }] });
    expect(whole[2]).toMatchObject({ span: { startS: 0, endS: 0.32 } });
    expect(whole[3]).toMatchObject({ span: { startS: 0.32, endS: 0.64 } });
  });

  it("gives a fragment of Opus its own length: six frames of 960 samples, five, and those that say theirs", () => {
    const own = box("moof", box("traf", box("tfhd", u32(0x2_0000), u32(1)), box("tfdt", [1, 0, 0, 0], u32(0), u32(10_560)),
      box("trun", [0, 0, 1, 0], u32(2), u32(960), u32(480))));
    const opus = bytesOf(head(960), fragment(0, 6), fragment(5_760, 5), own, box("mdat", [1]));
    const spans = read(opus, () => 33).flatMap((piece) => (piece.kind === "fragment" ? [piece.span] : []));
    expect(spans).toEqual([
      { startS: 0, endS: 0.12 },
      { startS: 0.12, endS: 0.22 },
      { startS: 0.22, endS: 0.25 },
    ]);
  });

  it("gives the same in any chunks", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const chance = chances(seed);
      expect(read(STREAM, () => Math.floor(chance() * 40))).toEqual(whole);
    }
  });

  it("ends with a sentence when it is damaged, and with nothing else", () => {
    const chance = chances(11);
    let refused = 0;
    for (let run = 0; run < FUZZ_RUNS; run += 1) {
      const broken = STREAM.slice();
      for (let hits = 0; hits < 3; hits += 1) broken[Math.floor(chance() * broken.length)] = Math.floor(chance() * 256);
      try {
        read(broken, () => 97);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedStreamError);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(FUZZ_RUNS / 100);
  });

  it("refuses a box that nobody honest sends", () => {
    const huge = bytesOf(u32(BOX_BYTES_MAX + 1), "mdat");
    expect(() => read(huge, () => 8)).toThrow(MalformedStreamError);
  });

  it("refuses sound before its head", () => {
    expect(() => read(fragment(0, 15), () => 64)).toThrow("sound before its head");
  });

  it("says what the edge said when it refuses", async () => {
    const sentence = "There is no space called x.";
    const get = (): Promise<Response> => Promise.resolve(Response.json({ error: { sentence } }, { status: 404 }));
    const reading = readStream("x", new AbortController().signal, () => undefined, get);
    await expect(reading).rejects.toThrow(new RefusedError(404, { sentence, code: "" }));
  });

  it.each([
    [{ place: 340, wait_s: 25 }, "31", { place: 340, waitS: 25 }],
    [{}, "31", { waitS: 31 }],
    [{ place: -1, wait_s: "soon" }, "Wed, 25 Nov 2026 10:00:00 GMT", {}],
    [{ place: 1e999, wait_s: 0 }, "", {}],
  ])("reads what a house without room says of place and time: %j, Retry-After %j", async (more, retryAfter, read) => {
    const body = JSON.stringify({ error: { status: 503, code: "waiting", sentence: "Full.", ...more } });
    const refusal = await refusalOf(new Response(body, { status: 503, headers: { "Retry-After": retryAfter } }));
    expect(refusal).toEqual({ sentence: "Full.", code: "waiting", place: undefined, waitS: undefined, ...read });
  });
});

describe("a stream that falls silent", () => {
  afterEach(() => vi.useRealTimers());

  /** Reads one stream; what ended it, and what came. */
  function reading(): { bring: (bytes: Bytes) => void; ended: () => unknown } {
    vi.useFakeTimers();
    let [bring, ended]: [(bytes: Bytes) => void, unknown] = [() => undefined, null];
    const get = (_url: unknown, init?: RequestInit): Promise<Response> => {
      const body = new ReadableStream<Bytes>({
        start(stream) {
          bring = (bytes) => stream.enqueue(bytes);
          init?.signal?.addEventListener("abort", () => stream.error(init.signal?.reason));
        },
      });
      return Promise.resolve(new Response(body));
    };
    readStream("x", new AbortController().signal, () => undefined, get).catch((error: unknown) => (ended = error));
    return { bring: (bytes) => bring(bytes), ended: () => ended };
  }
  const later = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

  it("but for notices ends as silent, and says that the edge still spoke", async () => {
    const { bring, ended } = reading();
    await later(0);
    bring(bytesOf(head(), fragment(0, 15)));
    for (let ms = 0; ms < SILENCE_MAX_MS - 1_000; ms += 1_000) {
      await later(1_000);
      bring(emsg(NOTICE));
    }
    await later(990);
    expect(ended()).toBeNull();
    await later(20);
    expect(ended()).toEqual(new SilentError(true));
  });

  it("altogether ends as silent, whatever was said with its last sound", async () => {
    const { bring, ended } = reading();
    await later(0);
    bring(bytesOf(head(), fragment(0, 15), emsg(NOTICE)));
    await later(SILENCE_MAX_MS + 1);
    expect(ended()).toMatchObject({ message: "silent", spoke: false });
  });

  it("but for its sound, once in the longest tick, goes on", async () => {
    const { bring, ended } = reading();
    await later(0);
    bring(head());
    for (let tick = 0; tick < 20; tick += 1) {
      await later(1_920);
      bring(fragment(tick * 92_160, 90));
    }
    expect(ended()).toBeNull();
  });
});

describe("notices", () => {
  it.each([
    ["another's frame", tag(NOTICE, "apple")],
    ["no JSON", tag("{")],
    ["no kind", tag("{}")],
    ["a list", tag("[]")],
    ["cut short", tag(NOTICE).slice(0, 20)],
    ["too large", tag(`{"kind":"${"x".repeat(NOTICE_BYTES_MAX)}"}`)],
    ["nothing", new Uint8Array(0)],
  ])("pass over %s", (_name, bytes) => {
    expect(readId3(bytes)).toEqual([]);
  });

  it("of another scheme are not ours", () => {
    expect(read(emsg(NOTICE, "urn:other"), () => 999)).toEqual([{ kind: "notices", notices: [] }]);
  });

  it("wait until playback reaches them, in their order", () => {
    const due = new DueNotices();
    const at = (ptsSamples: number) => ({ kind: "count", ptsSamples, body: {} });
    due.add([at(96_000), at(48_000)]);
    expect(due.take(0.5)).toEqual([]);
    expect(due.take(1)).toEqual([at(48_000)]);
    expect(due.take(60)).toEqual([at(96_000)]);
    expect(due.take(60)).toEqual([]);
  });

  it("beyond their limit are given at once, oldest first", () => {
    const due = new DueNotices();
    const many = Array.from({ length: WAITING_NOTICES_MAX + 2 }, (_, i) => ({ kind: "count", ptsSamples: i, body: {} }));
    expect(due.add(many).map((one) => one.ptsSamples)).toEqual([0, 1]);
  });
});
