// The house's time as far as it is known, for countdowns: a phone's own clock may be wrong.
import { createSubscriber } from "svelte/reactivity";

/** Of a difference under this a countdown in seconds shows nothing: the header counts whole seconds. */
export const TRUSTED_MS = 1_500;

const TICK_MS = 250;

/**
 * How far the house's clock is ahead of this device's (ms), from the `Date` of an answer that was
 * asked for at `askedMs` and came at `gotMs`; 0 where both agree, or the header is none.
 */
export function offsetMs(date: string | null, askedMs: number, gotMs: number): number {
  // The header names a whole second: in the mean it is half of one ago.
  const house = Date.parse(date ?? "") + 500;
  const offset = house - (askedMs + gotMs) / 2;
  return Number.isFinite(offset) && Math.abs(offset) > TRUSTED_MS ? offset : 0;
}

class HouseClock {
  private offset = 0;
  private readonly ticks = createSubscriber((update) => {
    const timer = setInterval(update, TICK_MS);
    return () => clearInterval(timer);
  });

  set(offset: number): void {
    this.offset = offset;
  }

  /** Now, in microseconds of UTC; whoever shows it is shown it again four times a second. */
  get nowUs(): number {
    this.ticks();
    return (Date.now() + this.offset) * 1000;
  }
}

export const house = new HouseClock();
