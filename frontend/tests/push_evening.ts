// An edge that changes its tick, a network that trembles, and a player's buffer on a virtual clock.
import { MESSAGE_S } from "../src/push/grid";
import type { Pace } from "../src/push/pace";
import { chances } from "./push_sample";

/** Measured: Chromium reports `waiting` with this much still buffered. */
export const CHROMIUM_HOLDS_S = 0.12;

/** How finely the buffer is watched, and how often the player looks at its pace. */
const STEP_S = 0.01;
const LOOKS_EVERY = 8;

/** A longer tick is told again each so many messages until it begins. */
const TOLD_EVERY = 9;

export interface Evening {
  readonly tick: number;
  /** From message `at` on the edge writes each `tick` messages, and says so `ahead` messages before. */
  readonly changes: readonly { readonly at: number; readonly tick: number; readonly ahead: number }[];
  /** Messages that the joiner gets at once; 0 is an edge that has no burst to give. */
  readonly burst: number;
  /** Seconds that a write may come late. */
  readonly jitterS: number;
  readonly messages: number;
  readonly seed: number;
}

export interface Heard {
  readonly stalls: number;
  readonly jumps: number;
  readonly slowest: number;
  readonly fastest: number;
  /** Latency by message, from the sound's own moment to its being heard. */
  latencyS(message: number): number;
}

interface Write {
  readonly atS: number;
  readonly first: number;
  readonly last: number;
  readonly told: readonly { messages: number; fromS: number }[];
}

/** What one listener is written: its bucket stays on the lattice of the shorter ticks. */
export function writes(evening: Evening): Write[] {
  const chance = chances(evening.seed);
  const made: Write[] = [];
  let { tick } = evening;
  let bucket = Math.floor(chance() * 18);
  let next = evening.burst > 0 ? 0 : -1;
  if (evening.burst > 0) made.push({ atS: 0, first: -evening.burst, last: -1, told: [] });
  let told: { messages: number; fromS: number }[] = [];
  let lastAtS = 0;
  for (let k = 0; k < evening.messages; k += 1) {
    for (const change of evening.changes) {
      if (change.at === k) tick = change.tick;
      const saying = change.ahead === 0 ? k === change.at : k < change.at && k >= change.at - change.ahead;
      const turn = change.ahead === 0 || (change.at - k) % TOLD_EVERY === 0 || k === change.at - change.ahead;
      if (saying && turn) told.push({ messages: change.tick, fromS: change.at * MESSAGE_S });
    }
    if (k % tick !== bucket % tick) continue;
    // Without a burst the first write is a tick's length, as for who has to skip.
    if (next < 0) next = k - tick + 1;
    lastAtS = Math.max(lastAtS, (k + 1) * MESSAGE_S + chance() * evening.jitterS);
    made.push({ atS: lastAtS, first: next, last: k, told });
    [next, told] = [k + 1, []];
  }
  return made;
}

export function hear(evening: Evening, pace: Pace): Heard {
  const coming = writes(evening);
  const latencies: { atS: number; s: number }[] = [];
  const [rates, firstS] = [new Set<number>(), (coming[0]?.first ?? 0) * MESSAGE_S];
  let [endS, currentS, rate, stalls, jumps, started, dry] = [Number.NaN, 0, 1, 0, 0, false, false];
  for (let n = 0; n * STEP_S < evening.messages * MESSAGE_S; n += 1) {
    const nowS = n * STEP_S;
    for (let due = coming[0]; due !== undefined && due.atS <= nowS; due = coming[0]) {
      coming.shift();
      for (const { messages, fromS } of due.told) pace.announced(messages, fromS);
      const burst = Number.isNaN(endS);
      endS = (due.last + 1) * MESSAGE_S;
      const longS = (due.last + 1 - due.first) * MESSAGE_S;
      // The longest fragment is a segment's length; a burst may need two.
      const pieceS = Math.min(longS, 18 * MESSAGE_S);
      pace.arrived(pieceS, endS - longS + pieceS, nowS, burst);
      if (pieceS < longS) pace.arrived(longS - pieceS, endS, nowS, false);
    }
    if (Number.isNaN(endS)) continue;
    if (n % LOOKS_EVERY === 0) {
      const step = pace.step({ nowS, currentS, ranges: [{ start: firstS, end: endS }], newestEndS: endS });
      if (step.seekToS !== null) {
        currentS = step.seekToS;
        jumps += started ? 1 : 0;
        started = true;
      }
      rates.add(step.rate);
      rate = step.rate;
      latencies.push({ atS: nowS, s: nowS - currentS });
    }
    if (!started) continue;
    const runsDry = endS - currentS < CHROMIUM_HOLDS_S;
    if (!runsDry) currentS += rate * STEP_S;
    else if (!dry) {
      stalls += 1;
      pace.stalled(nowS);
    }
    dry = runsDry;
  }
  return {
    stalls,
    jumps,
    slowest: Math.min(1, ...rates),
    fastest: Math.max(1, ...rates),
    latencyS: (message) => latencies.find((one) => one.atS >= message * MESSAGE_S)?.s ?? Number.NaN,
  };
}
