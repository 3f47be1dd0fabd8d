// What comes back of the loudspeaker is found with its delay and level, and a voice is not taken for it.
import { describe, expect, it } from "vitest";
import { AGREE_MIN, chirp, CLEAN_DB, ECHO_DB, find, isClean, judge, type Return, STANDS_OUT } from "../src/stage/echo";

const RATE = 48_000;
const WINDOW = 32_768;
const PLAYED_AT = 2_400;

/** Noise that is the same in each run (mulberry32), between -1 and 1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

/** A microphone in a room of this loudness, with the chirp of `rate` after `delayS` at `gain`. */
function microphone(seed: number, roomDbfs: number, delayS = 0, gain = 0, rate = RATE): Float32Array {
  const noise = seeded(seed);
  const amplitude = 10 ** (roomDbfs / 20) * Math.sqrt(3);
  const heard = Float32Array.from({ length: WINDOW }, () => amplitude * noise());
  chirp(rate).forEach((sample, at) => {
    const to = PLAYED_AT + Math.round(delayS * rate) + at;
    if (to < WINDOW) heard[to] = (heard[to] ?? 0) + gain * sample;
  });
  return heard;
}

/** A voice: a few harmonics that glide, and far louder than the room. */
function voice(seed: number): Float32Array {
  const chance = seeded(seed);
  const heard = microphone(seed, -60);
  const hz = 160 + 60 * chance();
  const glide = 40 * chance();
  for (let at = 0; at < WINDOW; at += 1) {
    const t = at / RATE;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * (4 * t + seed / 3)));
    for (let one = 1; one <= 25; one += 1) {
      heard[at] = (heard[at] ?? 0) + (0.3 / one) * syllable * Math.sin(2 * Math.PI * one * (hz * t + glide * t * t));
    }
  }
  return heard;
}

const said = (peakDb: number, delayS: number, roomDb = -70): Return => ({ peakDb, delayS, roomDb });

describe.each([48_000, 44_100])("the filter at %i Hz", (rate) => {
  it.each([
    [0.02, -12],
    [0.14, -30],
    [0.35, -50],
  ])("finds a return after %f s and %f dB", (delayS, gainDb) => {
    const one = find(microphone(7, -65, delayS, 10 ** (gainDb / 20), rate), rate, PLAYED_AT);
    expect(Math.abs(one.delayS - delayS)).toBeLessThan(0.002);
    expect(Math.abs(one.peakDb - gainDb)).toBeLessThan(1);
    expect(isClean(one)).toBe(true);
  });
});

describe("several chirps", () => {
  it("hear nothing in a quiet room", () => {
    const all = [1, 2, 3, 4].map((seed) => find(microphone(seed, -65), RATE, PLAYED_AT));
    expect(judge(all)).toEqual({ kind: "none" });
  });

  it("say delay and level of an echo", () => {
    const all = [1, 2, 3, 4].map((seed) => find(microphone(seed, -55, 0.12, 0.1), RATE, PLAYED_AT));
    expect(judge(all)).toEqual({ kind: "strong", delayMs: 120, weakerDb: 20 });
  });

  it("do not take a voice for an echo", () => {
    const all = [1, 2, 3, 4].map((seed) => find(voice(seed), RATE, PLAYED_AT));
    expect(Math.max(...all.map((one) => one.peakDb))).toBeGreaterThan(ECHO_DB);
    expect(["none", "unclear"]).toContain(judge(all).kind);
  });

  it("count an echo as none at its limit, and one that stands out from it on", () => {
    const three = (peakDb: number): Return[] => Array.from({ length: AGREE_MIN }, () => said(peakDb, 0.1));
    expect(judge(three(ECHO_DB)).kind).toBe("weak");
    expect(judge(three(ECHO_DB + 1)).kind).toBe("strong");
    const out = 20 * Math.log10(STANDS_OUT);
    expect(judge(three(-70 + out - 0.01)).kind).toBe("none");
    expect(judge(three(-70 + out + 0.01)).kind).toBe("weak");
  });

  it("have to agree on the delay", () => {
    expect(judge([said(-20, 0.1), said(-20, 0.2), said(-20, 0.3), said(-70, 0)]).kind).toBe("none");
    expect(judge([said(-20, 0.1), said(-20, 0.2), said(-20, 0.3, CLEAN_DB)]).kind).toBe("unclear");
    expect(judge([])).toEqual({ kind: "unclear" });
  });
});
