// A raised hand: the house forgets one that it hears no more of, so it is said again while it is up.
import type { Sent } from "./audience";

/** The house forgets a hand after 60 s: it may miss one word of it, and a hall does not speak as one. */
export const REPEAT_MS = 25_000;
export const REPEAT_SPREAD_MS = 5_000;

/** So many in a row that were not taken, and the house has forgotten the hand, or is about to. */
export const MISSES_MAX = 2;

export class Hand {
  up = $state(false);
  /** It may be that nobody sees it. */
  doubtful = $state(false);
  private misses = 0;
  /** Counts what the person did: an answer to what was said before does not count. */
  private turn = 0;
  private listening = true;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly send: (up: boolean) => Promise<Sent>) {}

  /** Shown at once, and taken back where the house does not take it. */
  async toggle(): Promise<Sent> {
    const wanted = !this.up;
    this.set(wanted);
    const { turn } = this;
    const sent = await this.send(wanted);
    if (sent !== "taken" && turn === this.turn) this.set(!wanted);
    return sent;
  }

  /** Who hears nothing cannot be called up: the hand is not said again until they do. */
  listens(now: boolean): void {
    this.listening = now;
    if (now && this.misses > 0) void this.repeat();
  }

  /** The hosts took it down, or it was called up: the house knows already. */
  drop(): void {
    this.set(false);
  }

  /** Who goes takes the hand along. */
  leave(): void {
    if (this.up) void this.send(false);
    this.set(false);
  }

  private set(up: boolean): void {
    this.turn += 1;
    this.misses = 0;
    this.doubtful = false;
    this.up = up;
    this.later();
  }

  private later(): void {
    clearTimeout(this.timer);
    if (this.up) this.timer = setTimeout(() => void this.repeat(), REPEAT_MS + Math.random() * REPEAT_SPREAD_MS);
  }

  private async repeat(): Promise<void> {
    const { turn } = this;
    this.later();
    const taken = this.listening && (await this.send(true)) === "taken";
    if (turn !== this.turn) return;
    this.misses = taken ? 0 : this.misses + 1;
    this.doubtful = this.misses >= MISSES_MAX;
  }
}
