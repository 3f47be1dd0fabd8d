// A hand that is up stays up at the house while its listener hears, and no longer.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Sent } from "../src/listen/audience";
import { Hand, MISSES_MAX, REPEAT_MS, REPEAT_SPREAD_MS } from "../src/listen/hand.svelte";

/** The house forgets a hand that it has not heard of for so long. */
const FORGOTTEN_MS = 60_000;
const MOST_MS = REPEAT_MS + REPEAT_SPREAD_MS;

let said: boolean[];
let answer: () => Promise<Sent>;
let hand: Hand;

beforeEach(() => {
  vi.useFakeTimers();
  said = [];
  answer = () => Promise.resolve("taken");
  hand = new Hand((up) => {
    said.push(up);
    return answer();
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const later = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const refused = (): Promise<Sent> => Promise.resolve("lost");

describe("a raised hand", () => {
  it.each([0, 0.999])("is said again while it is up, and not all at one moment: %f", async (chance) => {
    vi.spyOn(Math, "random").mockReturnValue(chance);
    expect(await hand.toggle()).toBe("taken");
    const everyMs = REPEAT_MS + chance * REPEAT_SPREAD_MS;
    await later(everyMs - 10);
    expect(said).toEqual([true]);
    await later(20);
    expect(said).toEqual([true, true]);
    await later(10 * everyMs);
    expect([said.length, hand.up, hand.doubtful]).toEqual([12, true, false]);
  });

  it("survives one word that is lost, whatever the chances", () => {
    expect(2 * MOST_MS).toBeLessThanOrEqual(FORGOTTEN_MS);
  });

  it("that is lowered, or taken along, is said once more as down and never again", async () => {
    for (const lower of [() => hand.toggle(), () => hand.leave()]) {
      said = [];
      await hand.toggle();
      await lower();
      await later(10 * MOST_MS);
      expect([said, hand.up]).toEqual([[true, false], false]);
    }
    hand.leave();
    expect(said).toEqual([true, false]);
  });

  it("that the house does not take is not up", async () => {
    answer = refused;
    expect(await hand.toggle()).toBe("lost");
    expect(hand.up).toBe(false);
    await later(10 * MOST_MS);
    expect(said).toEqual([true]);
  });

  it("is in doubt at the second failure in a row, until it is taken again", async () => {
    await hand.toggle();
    answer = refused;
    await later(MOST_MS);
    expect([hand.up, hand.doubtful]).toEqual([true, false]);
    await later((MISSES_MAX - 1) * MOST_MS);
    expect([hand.up, hand.doubtful]).toEqual([true, true]);
    answer = () => Promise.resolve("taken");
    await later(MOST_MS);
    expect([hand.up, hand.doubtful]).toEqual([true, false]);
  });

  it("is not said by who hears nothing, and at once by who hears again", async () => {
    await hand.toggle();
    hand.listens(false);
    // A short break needs no word.
    await later(REPEAT_MS - 1_000);
    hand.listens(true);
    expect(said).toEqual([true]);
    hand.listens(false);
    await later(10 * MOST_MS);
    expect([said, hand.doubtful]).toEqual([[true], true]);
    hand.listens(true);
    await later(0);
    expect([said, hand.doubtful]).toEqual([[true, true], false]);
    await later(MOST_MS);
    expect(said).toHaveLength(3);
  });

  it("is not in doubt over an answer to what was said before it was lowered", async () => {
    await hand.toggle();
    let end: (sent: Sent) => void = () => undefined;
    answer = refused;
    await later((MISSES_MAX - 1) * MOST_MS);
    answer = () => new Promise((resolve) => (end = resolve));
    await later(MOST_MS);
    answer = () => Promise.resolve("taken");
    await hand.toggle();
    end("lost");
    await later(0);
    expect([hand.up, hand.doubtful]).toEqual([false, false]);
  });
});
