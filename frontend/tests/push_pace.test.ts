// Playback stays close to the house and never runs into what a browser's decoder holds.
import { describe, expect, it } from "vitest";
import { BEHIND_MAX_S, CALM_S, LATE_START_S, Pace, RATE_FAST, RATE_SLOW, RESERVE_MAX_S, RESERVE_S, TOO_FAR_S } from "../src/push/pace";
import { chances } from "./push_sample";

/** Measured: Chromium reports `waiting` with this much still buffered. */
const CHROMIUM_HOLDS_S = 0.12;
const LOOK_S = 0.08;

interface Evening {
  readonly tickS: number;
  /** Seconds that a tick may come late. */
  readonly jitterS: number;
  readonly joinedWithS: number;
  readonly lastsS: number;
}

/** Plays an evening on a virtual clock; the depths of its settled half, and how often it jumped. */
function play(evening: Evening, pace: Pace, seed = 5): { depths: number[]; jumps: number; rates: Set<number> } {
  const chance = chances(seed);
  const depths: number[] = [];
  const rates = new Set<number>();
  let [endS, currentS, rate, jumps, started, dry, nextS] = [evening.joinedWithS, 0, 1, 0, false, false, evening.tickS];
  pace.arrived(evening.joinedWithS, endS, 0, true);
  for (let nowS = 0; nowS < evening.lastsS; nowS += LOOK_S) {
    while (nextS <= nowS) {
      endS += evening.tickS;
      pace.arrived(evening.tickS, endS, nowS, false);
      nextS = (Math.round(nextS / evening.tickS) + 1) * evening.tickS + chance() * evening.jitterS;
    }
    const step = pace.step({ nowS, currentS, ranges: [{ start: 0, end: endS }], newestEndS: endS });
    rate = step.rate;
    if (step.seekToS !== null) {
      currentS = step.seekToS;
      jumps += started ? 1 : 0;
      started = true;
    }
    if (endS - currentS < CHROMIUM_HOLDS_S) {
      if (!dry) pace.stalled(nowS);
      dry = true;
    } else {
      currentS += rate * LOOK_S;
      dry = false;
    }
    if (nowS > evening.lastsS / 2) {
      depths.push(endS - currentS);
      rates.add(rate);
    }
  }
  return { depths, jumps, rates };
}

describe("the pace", () => {
  it.each([0.1067, 0.32, 0.96, 1.92])("keeps a tick of %f s from running dry, and close", (tickS) => {
    const { depths, jumps } = play({ tickS, jitterS: 0.03, joinedWithS: 1, lastsS: 120 }, new Pace());
    expect(Math.min(...depths)).toBeGreaterThan(CHROMIUM_HOLDS_S);
    expect(Math.max(...depths)).toBeLessThan(tickS + RESERVE_S + 0.3);
    expect(jumps).toBe(0);
  });

  it("plays at its own speed once it is settled", () => {
    const { rates } = play({ tickS: 0.32, jitterS: 0, joinedWithS: 1, lastsS: 120 }, new Pace());
    expect([...rates]).toEqual([1]);
  });

  it("keeps more after each stall, up to its limit, and forgets when it is calm", () => {
    const pace = new Pace();
    const first = pace.startBehindS;
    pace.stalled(0);
    expect(pace.startBehindS).toBeGreaterThan(first);
    for (let n = 0; n < 50; n += 1) pace.stalled(0);
    expect(pace.startBehindS).toBeCloseTo(first - RESERVE_S + RESERVE_MAX_S);
    play({ tickS: 0.32, jitterS: 0, joinedWithS: 1, lastsS: CALM_S * 12 }, pace);
    expect(pace.startBehindS).toBeCloseTo(first);
  });

  it("hurries and slows by what nobody hears", () => {
    expect(RATE_FAST).toBeLessThanOrEqual(1.05);
    expect(RATE_SLOW).toBeGreaterThanOrEqual(0.95);
  });

  it("jumps when it is far behind, instead of hurrying for a minute", () => {
    const pace = new Pace();
    const look = (nowS: number, end: number) => ({ nowS, currentS: nowS, ranges: [{ start: 0, end }], newestEndS: end });
    pace.step(look(0, 1));
    const seeks: number[] = [];
    for (let nowS = 0.1; nowS < 3; nowS += 0.1) {
      const { seekToS } = pace.step(look(nowS, nowS + TOO_FAR_S + 2));
      if (seekToS !== null) seeks.push(seekToS - nowS);
    }
    expect(seeks[0]).toBeGreaterThan(TOO_FAR_S);
  });

  it.each([[LATE_START_S + 0.2, 1], [LATE_START_S - 0.2, 0]])("begins again at the newest, once, where a browser began %f s late", (lateS, jumps) => {
    const pace = new Pace();
    const at = (nowS: number, currentS: number) => pace.step({ nowS, currentS, ranges: [{ start: 0, end: 1 + nowS }], newestEndS: 1 + nowS });
    let currentS = at(0, 0).seekToS ?? 0;
    let sought = 0;
    for (let nowS = 0.1; nowS < 3; nowS += 0.1) {
      if (nowS > lateS) currentS += 0.1;
      const { seekToS } = at(nowS, currentS);
      if (seekToS === null) continue;
      sought += 1;
      expect(seekToS).toBeCloseTo(1 + nowS - pace.startBehindS);
      currentS = seekToS;
    }
    expect(sought).toBe(jumps);
  });

  it("jumps over a hole to the newest sound", () => {
    const pace = new Pace();
    const ranges = [{ start: 0, end: 5 }, { start: 9, end: 10 }];
    pace.step({ nowS: 0, currentS: 0, ranges: ranges.slice(0, 1), newestEndS: 5 });
    const inside = pace.step({ nowS: 1, currentS: 4, ranges, newestEndS: 10 });
    expect(inside.seekToS).toBeNull();
    const atItsEnd = pace.step({ nowS: 2, currentS: 4.97, ranges, newestEndS: 10 });
    expect(atItsEnd.seekToS).toBeGreaterThanOrEqual(9);
  });

  it("lets go of what was played", () => {
    const pace = new Pace();
    const look = (currentS: number) => ({ nowS: currentS, currentS, ranges: [{ start: 0, end: currentS + 0.5 }], newestEndS: currentS + 0.5 });
    pace.step(look(0));
    expect(pace.step(look(BEHIND_MAX_S - 1)).trimBeforeS).toBeNull();
    expect(pace.step(look(BEHIND_MAX_S + 1)).trimBeforeS).toBeGreaterThan(0);
  });
});
