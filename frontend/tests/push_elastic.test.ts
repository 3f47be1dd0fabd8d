// Whatever tick the edge goes to, told or not burst: nobody who listens hears a stall, and the latency comes back.
import { describe, expect, it } from "vitest";
import { LONGEST_TICK_S, MESSAGE_S, TICKS_MESSAGES, USUAL_TICK_S } from "../src/push/grid";
import { Pace, RATE_LEAST, RATE_UNHEARD, RESERVE_S } from "../src/push/pace";
import { LONGER_MIN, Rhythm, SHORTER_MIN, tickOfBurst } from "../src/push/rhythm";
import { type Evening, type Heard, hear } from "./push_evening";

const SEEDS = Array.from({ length: 12 }, (_, n) => n + 3);
const MINUTE = Math.round(60 / MESSAGE_S);

/** Seconds that an edge leaves beside what a rate of 1 - `slower` takes; as `delivery/elastic.py` has it. */
const LEAD_MARGIN_S = 1.5;
const CALM = 0.1;
const URGENT = 0.25;

/** 1 → 3 → 9 → 18 and back, a minute each; what gets longer is told so long before as an edge does. */
function climb(slower: number): Evening["changes"] {
  const ticks = [3, 9, 18, 9, 3, 1];
  return ticks.map((tick, n) => {
    const grown = tick - (n === 0 ? 1 : (ticks[n - 1] ?? 1));
    const ahead = grown > 0 ? Math.round(grown / slower + LEAD_MARGIN_S / MESSAGE_S) : 0;
    // A longer tick begins at a multiple of itself.
    const at = (n + 1) * MINUTE + 7 * n;
    return { at: grown > 0 ? Math.ceil(at / tick) * tick : at, tick, ahead };
  });
}

function evening(changed: Partial<Evening>): Heard {
  const usual = { tick: 1, changes: [], burst: 9, jitterS: 0.04, messages: 8 * MINUTE, seed: 5 };
  return hear({ ...usual, ...changed }, new Pace());
}

describe("a tick that changes", () => {
  it.each([URGENT, CALM, 0.05])("told in time for a pace slower by %f, stalls nobody on the way up or down", (slower) => {
    for (const seed of SEEDS) {
      const { stalls, jumps, slowest, fastest } = evening({ changes: climb(slower), seed });
      expect([stalls, jumps, seed]).toEqual([0, 0, seed]);
      expect(slowest).toBeGreaterThanOrEqual(Math.max(RATE_LEAST, 0.85 - slower / 2));
      expect(fastest).toBeLessThanOrEqual(1.05);
    }
  });

  it("gives the latency back when it is short again", () => {
    for (const seed of SEEDS) {
      const heard = evening({ changes: climb(CALM), seed });
      const [first, high, last] = [heard.latencyS(MINUTE - 10), heard.latencyS(4 * MINUTE), heard.latencyS(8 * MINUTE - 10)];
      expect(high).toBeGreaterThan(LONGEST_TICK_S);
      expect(high).toBeLessThan(LONGEST_TICK_S + RESERVE_S + 0.5);
      expect(last).toBeLessThan(first + 0.1);
    }
  });

  it("is grown into by what nobody hears where there is time", () => {
    const change = { at: 2 * MINUTE, tick: 9, ahead: Math.round(40 / MESSAGE_S) };
    const { slowest, stalls } = evening({ tick: 3, changes: [change], messages: 3 * MINUTE });
    expect([slowest, stalls]).toEqual([RATE_UNHEARD, 0]);
  });

  it("that is taken back, or comes twice, stalls nobody either", () => {
    const changes = [
      { at: MINUTE, tick: 9, ahead: 60 },
      { at: MINUTE + 30, tick: 3, ahead: 0 },
      { at: MINUTE + 120, tick: 9, ahead: 60 },
      { at: MINUTE + 200, tick: 18, ahead: 60 },
    ];
    for (const seed of SEEDS) expect(evening({ tick: 3, changes, seed, messages: 3 * MINUTE }).stalls).toBe(0);
  });
});

describe("who joins an edge", () => {
  it.each([
    ["with an 18-message tick and its burst", 18, 24],
    ["with an 18-message tick and no burst at all", 18, 0],
    ["with a 9-message tick and its burst", 9, 15],
    ["with a 3-message tick and its burst", 3, 9],
    ["with a tick of one message", 1, 9],
  ])("%s hears no stall", (_name, tick, burst) => {
    for (const seed of SEEDS) {
      const { stalls, jumps, latencyS } = evening({ tick, burst, seed, messages: 2 * MINUTE });
      expect([stalls, jumps, seed]).toEqual([0, 0, seed]);
      expect(latencyS(2 * MINUTE - 10)).toBeLessThan(tick * MESSAGE_S + RESERVE_S + 0.35);
    }
  });

  it("while it announces a longer tick grows at once", () => {
    const changes = [{ at: 60, tick: 18, ahead: 58 }];
    for (const seed of SEEDS) {
      expect(evening({ tick: 9, burst: 15, changes, seed, messages: MINUTE }).stalls).toBe(0);
    }
  });
});

describe("the rhythm", () => {
  it("of a burst is the tick that it leaves room for", () => {
    expect([24, 18, 15, 9, 7, 2].map((messages) => Math.round(tickOfBurst(messages * MESSAGE_S) / MESSAGE_S))).toEqual([
      18, 18, 9, 3, 3, 3,
    ]);
    for (const messages of TICKS_MESSAGES.slice(1)) {
      expect(tickOfBurst((messages + 6) * MESSAGE_S)).toBeCloseTo(messages * MESSAGE_S);
    }
  });

  it("is shorter only when several fragments in a row are, and longer than said by two", () => {
    const rhythm = new Rhythm();
    const short = (times: number): void => {
      for (let n = 0; n < times; n += 1) rhythm.arrived(MESSAGE_S, n, n, false);
    };
    short(SHORTER_MIN - 1);
    expect(rhythm.tickS).toBe(USUAL_TICK_S);
    short(1);
    expect(rhythm.tickS).toBe(MESSAGE_S);
    rhythm.announced(USUAL_TICK_S, 0);
    short(10);
    expect(rhythm.tickS).toBe(USUAL_TICK_S);
    rhythm.arrived(9 * MESSAGE_S, 1, 1, false);
    expect(rhythm.tickS).toBe(USUAL_TICK_S);
    for (let n = 0; n < LONGER_MIN; n += 1) rhythm.arrived(9 * MESSAGE_S, 1, 1, false);
    expect(rhythm.tickS).toBeCloseTo(9 * MESSAGE_S);
    rhythm.connected();
    short(SHORTER_MIN);
    expect(rhythm.tickS).toBe(MESSAGE_S);
  });

  it("believes no tick that is none", () => {
    const rhythm = new Rhythm();
    for (const tickS of [0, -1, Number.NaN]) rhythm.announced(tickS, 0);
    rhythm.announced(1, Number.NaN);
    rhythm.arrived(MESSAGE_S, 0, 0, false);
    expect(rhythm.tickS).toBe(USUAL_TICK_S);
    rhythm.announced(3_600, 0);
    expect(rhythm.tickS).toBe(LONGEST_TICK_S);
  });
});
