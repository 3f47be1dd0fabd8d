// Each parser of the page takes any bytes in any chunks: it reads them, or says its own error.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { after, readPeople, readSpace } from "../src/common/space";
import { clockTime, moment } from "../src/common/time";
import { type Box, BoxReader, MalformedStreamError } from "../src/push/boxes";
import { candidates, readEdges } from "../src/push/edges";
import { readSpan, readTrack } from "../src/push/fragment";
import { EMSG_SCHEME, NAME_BYTES_MAX, readEmsg, readId3 } from "../src/push/notice";
import { type Piece, PieceReader } from "../src/push/stream";
import { readDown } from "../src/stage/link";
import { box, type Bytes, bytesOf, emsg, fragment, head, tag } from "./push_sample";

const NOTICE = '{"kind":"count","pts":15360,"listening":7}';
const TYPES = ["ftyp", "moov", "trak", "mdia", "mdhd", "mvex", "trex", "moof", "traf", "tfhd", "tfdt", "trun", "mdat", "emsg", "free"];

const bytes = fc.uint8Array({ maxLength: 80 }).map((one) => bytesOf(one));
/** A box of a known name with boxes in it, four deep, and with anything at its bottom. */
const anyBox = fc.letrec<{ box: Bytes }>((tie) => ({
  box: fc
    .tuple(fc.constantFrom(...TYPES), fc.oneof({ maxDepth: 4 }, bytes, fc.array(tie("box"), { maxLength: 4 })))
    .map(([type, inside]) => (inside instanceof Uint8Array ? box(type, inside) : box(type, ...inside))),
})).box;
const honest = fc.oneof(
  fc.constant(head()),
  fc.constant(emsg(NOTICE)),
  fc.nat(1 << 20).map((pts) => fragment(pts, 15)),
);
/** A stream as an edge sends it, with anything mixed in, and some bytes of it changed. */
const stream = fc
  .tuple(
    fc.array(fc.oneof({ arbitrary: honest, weight: 3 }, anyBox, bytes), { maxLength: 8 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
  )
  .map(([parts, changes]) => {
    const whole = bytesOf(...parts);
    for (const [at, value] of changes) if (whole.length > 0) whole[at % whole.length] = value;
    return whole;
  });
const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 });

interface Read<One> {
  readonly given: One[];
  readonly damaged: boolean;
}

/** What a reader gives for `whole` in pieces of these sizes, again and again. */
function inChunks<One>(whole: Bytes, sizes: readonly number[], push: (chunk: Bytes) => One[]): Read<One> {
  const given: One[] = [];
  try {
    for (let at = 0, n = 0; at < whole.length; n += 1) {
      const size = sizes[n % sizes.length] ?? 1;
      given.push(...push(whole.subarray(at, at + size)));
      at += size;
    }
  } catch (error) {
    if (!(error instanceof MalformedStreamError)) throw error;
    return { given, damaged: true };
  }
  return { given, damaged: false };
}

/** Chunks change nothing; of a damaged stream only how much was given before its end. */
function alike<One>(one: Read<One>, other: Read<One>): void {
  const common = one.damaged ? Math.min(one.given.length, other.given.length) : one.given.length;
  expect(one.damaged).toBe(other.damaged);
  if (!one.damaged) expect(one.given).toHaveLength(other.given.length);
  expect(one.given.slice(0, common)).toEqual(other.given.slice(0, common));
}

const boxes = (whole: Bytes, sizes: readonly number[]): Read<Box> => {
  const reader = new BoxReader();
  return inChunks(whole, sizes, (chunk) => reader.push(chunk));
};
const pieces = (whole: Bytes, sizes: readonly number[]): Read<Piece> => {
  const reader = new PieceReader();
  return inChunks(whole, sizes, (chunk) => reader.push(chunk));
};
const ALL = [Number.MAX_SAFE_INTEGER];

describe("the boxes", () => {
  it("are the same in any chunks, and all bytes are in them", () => {
    fc.assert(
      fc.property(stream, cuts, (whole, sizes) => {
        const read = boxes(whole, sizes);
        alike(read, boxes(whole, ALL));
        const taken = bytesOf(...read.given.map((one) => one.bytes));
        expect(taken).toEqual(whole.slice(0, taken.length));
      }),
      { numRuns: 500 },
    );
  });

  it("would not be if half a box were forgotten, and this test sees it", () => {
    const forgetful = fc.property(stream, cuts, (whole, sizes) => {
      alike(inChunks(whole, sizes, (chunk) => new BoxReader().push(chunk)), boxes(whole, ALL));
    });
    expect(fc.check(forgetful, { numRuns: 500 }).failed).toBe(true);
  });
});

describe("the pieces", () => {
  it("are the same in any chunks", () => {
    fc.assert(fc.property(stream, cuts, (whole, sizes) => alike(pieces(whole, sizes), pieces(whole, ALL))), { numRuns: 500 });
  });

  it("of an honest stream are all there", () => {
    fc.assert(
      fc.property(fc.array(honest, { maxLength: 6 }), cuts, (parts, sizes) => {
        const read = pieces(bytesOf(head(), ...parts), sizes);
        expect([read.damaged, read.given.length]).toEqual([false, parts.length + 1]);
      }),
    );
  });
});

describe("a fragment's place in time", () => {
  it("is read from any boxes, or refused with a sentence, and never runs backwards", () => {
    const track = { timescale: 48_000, sampleDuration: 1024 };
    fc.assert(
      fc.property(anyBox, (one) => {
        for (const read of [() => readTrack({ type: "moov", bytes: one }), () => readSpan({ type: "moof", bytes: one }, track)]) {
          try {
            const found = read();
            if ("startS" in found) expect(found.endS).toBeGreaterThanOrEqual(found.startS);
            else expect(found.timescale).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedStreamError);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("notices", () => {
  it("are read from any bytes, or passed over", () => {
    const framed = fc.tuple(bytes, fc.string()).map(([noise, text]) => bytesOf(tag(text), noise));
    fc.assert(
      fc.property(fc.oneof(bytes, framed, fc.json().map((text) => tag(text))), (one) => {
        const found = [...readId3(one), ...readEmsg({ type: "emsg", bytes: one }), ...readEmsg({ type: "emsg", bytes: box("emsg", [1], one) })];
        for (const notice of found) {
          expect(typeof notice.kind).toBe("string");
          expect(Number.isFinite(notice.ptsSamples)).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("are read behind names up to their limit, and passed over behind longer ones", () => {
    const named = (length: number): Bytes => bytesOf(box("emsg", [1], new Uint8Array(23), EMSG_SCHEME, [0], new Uint8Array(length).fill(65), [0], tag(NOTICE)));
    expect(readEmsg({ type: "emsg", bytes: named(NAME_BYTES_MAX) })).toHaveLength(1);
    expect(readEmsg({ type: "emsg", bytes: named(NAME_BYTES_MAX + 1) })).toEqual([]);
    expect(readEmsg({ type: "emsg", bytes: named(1_000_000) })).toEqual([]);
  });
});

describe("what the studio says", () => {
  const known = fc.constantFrom("hello", "stage", "levels", "quality", "ack", "nack", "bye", "tomorrow");
  const fields = fc.constantFrom("me", "role", "resume", "title", "state", "t0_utc_us", "people", "l", "mix", "loss_pct", "n", "sentence", "code");

  it("is read from any text, or passed over", () => {
    const message = fc
      .tuple(known, fc.dictionary(fields, fc.jsonValue()))
      .map(([t, rest]) => JSON.stringify({ ...rest, t }));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), message), (text) => {
        const read = readDown(text);
        if (read?.t === "levels") for (const level of [...Object.values(read.levels), read.mix]) expect(level).toBeLessThanOrEqual(1e308);
        if (read?.t === "stage") for (const person of read.view.people) expect(typeof person.name).toBe("string");
      }),
      { numRuns: 1_000 },
    );
  });

  it("has no levels beyond all numbers", () => {
    expect(readDown('{"t":"levels","l":{"a":1e999},"mix":1e999}')).toEqual({ t: "levels", levels: {}, mix: -90 });
  });
});

describe("what the house says of a space and its edges", () => {
  const page = new URL("http://house.test/s/x");
  const json = fc.jsonValue();

  it("is read from any JSON, or passed over", () => {
    const keys = fc.constantFrom("id", "title", "state", "t0_utc_us", "hosts", "stage", "language", "listening", "edges", "bases", "weight");
    const some = fc.oneof(json, fc.dictionary(keys, json), fc.dictionary(keys, json).map((one) => ({ ...one, state: "live" })));
    fc.assert(
      fc.property(some, some, fc.constantFrom("state", "stage", "count", "house"), (value, told, kind) => {
        const space = readSpace(value);
        const body = typeof told === "object" && told !== null && !Array.isArray(told) ? (told as Record<string, unknown>) : {};
        if (space !== null) {
          const next = after(space, { kind, ptsSamples: 0, body });
          expect([moment(next.t0UtcUs, "en"), clockTime(next.sinceUtcUs, "es")].map((text) => typeof text)).toEqual(["string", "string"]);
        }
        readPeople(value);
        expect(candidates(readEdges(value), "listener", page).at(-1)).toBe(page.origin);
      }),
      { numRuns: 1_000 },
    );
  });

  it("tries any addresses that an edge may announce, and its own origin", () => {
    const edge = fc.record({ id: fc.string(), bases: fc.array(fc.oneof(fc.string(), fc.webUrl(), fc.string().map((one) => `:${one}`))) });
    fc.assert(
      fc.property(fc.array(edge), (edges) => {
        const found = candidates(readEdges(edges), "listener", page);
        for (const base of found) expect(URL.canParse(base)).toBe(true);
        expect(found.at(-1)).toBe(page.origin);
      }),
    );
  });

  it("has no moment beyond all calendars", () => {
    expect([moment(1e300, "en"), clockTime(-1e300, "es")]).toEqual(["", ""]);
  });
});
