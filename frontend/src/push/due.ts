// Holds notices back until playback reaches their moment.
import { SAMPLE_RATE_HZ } from "./grid";
import type { Notice } from "./notice";

/** A minute of programme carries far fewer; beyond it the oldest are given at once. */
export const WAITING_NOTICES_MAX = 256;

export class DueNotices {
  private waiting: Notice[] = [];

  /** Keeps `notices`; returns those that no longer fit, oldest first. */
  add(notices: readonly Notice[]): Notice[] {
    this.waiting.push(...notices);
    this.waiting.sort((left, right) => left.ptsSamples - right.ptsSamples);
    const over = this.waiting.length - WAITING_NOTICES_MAX;
    return over > 0 ? this.waiting.splice(0, over) : [];
  }

  /** Takes out what playback at `currentS` has reached. */
  take(currentS: number): Notice[] {
    const reached = this.waiting.findIndex((one) => one.ptsSamples / SAMPLE_RATE_HZ > currentS);
    return this.waiting.splice(0, reached < 0 ? this.waiting.length : reached);
  }

  clear(): void {
    this.waiting = [];
  }
}
