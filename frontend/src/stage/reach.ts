// How well the house is reached before one is on stage: the time that a few small answers take.
import { within } from "../common/deadline";
import { house, offsetMs } from "./clock.svelte";

/** Enough for a median that one late answer does not move. */
export const ASKED = 5;

/** A whole answer of a far house on a slow phone; after this it counts as none. */
export const PATIENCE_MS = 3_000;

/** A conversation bears a round trip of 300 ms (ITU-T G.114: 150 ms one way without a thought). */
export const GOOD_MS = 150;
export const FAIR_MS = 300;
/** Between the fastest and the slowest: the studio has to hold as much of the voice back. */
export const GOOD_SPREAD_MS = 60;
export const FAIR_SPREAD_MS = 200;

export interface Reach {
  readonly word: "good" | "fair" | "bad";
  /** Median round trip, and how far the slowest was from the fastest (ms); 0 where nothing came. */
  readonly medianMs: number;
  readonly spreadMs: number;
  /** Of `ASKED`, how many did not come. */
  readonly missing: number;
}

/** Judges round trips (ms); null is an answer that did not come. */
export function reachOf(times: readonly (number | null)[]): Reach {
  const came = times.filter((one) => one !== null).sort((a, b) => a - b);
  const medianMs = Math.round(came[came.length >> 1] ?? 0);
  const spreadMs = Math.round((came.at(-1) ?? 0) - (came[0] ?? 0));
  const missing = times.length - came.length;
  const figures = { medianMs, spreadMs, missing };
  if (missing > 0 || medianMs > FAIR_MS || spreadMs > FAIR_SPREAD_MS) return { word: "bad", ...figures };
  return { word: medianMs > GOOD_MS || spreadMs > GOOD_SPREAD_MS ? "fair" : "good", ...figures };
}

/** Asks the house a few times, one after another, and sets the page's clock by it. */
export async function measureReach(): Promise<Reach> {
  await once(); // Name, connection and keys cost round trips of their own.
  const times: (number | null)[] = [];
  while (times.length < ASKED) times.push(await once());
  return reachOf(times);
}

async function once(): Promise<number | null> {
  const began = performance.now();
  const askedMs = Date.now();
  try {
    const answer = await fetch("/", { method: "HEAD", cache: "no-store", signal: within(PATIENCE_MS) });
    const took = performance.now() - began;
    house.set(offsetMs(answer.headers.get("date"), askedMs, askedMs + took));
    return took;
  } catch {
    return null;
  }
}
