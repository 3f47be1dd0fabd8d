// The house's time on this page, from its answers and half their round trip (as in RFC 5905).

/** Old samples lose against new ones after this long: clocks drift. */
export const SAMPLE_AGE_MAX_MS = 600_000;

export class HouseClock {
  private offsetUs: number | null = null;
  private roundTripMs = Number.POSITIVE_INFINITY;
  private takenMs = 0;

  /** One answer that said `nowUtcUs`, asked and received at monotonic milliseconds. */
  sample(nowUtcUs: number, askedMs: number, receivedMs: number): void {
    const roundTripMs = Math.max(0, receivedMs - askedMs);
    const fresh = receivedMs - this.takenMs < SAMPLE_AGE_MAX_MS;
    if (this.offsetUs !== null && fresh && roundTripMs > this.roundTripMs) return;
    this.offsetUs = nowUtcUs - (askedMs + receivedMs) * 500;
    this.roundTripMs = roundTripMs;
    this.takenMs = receivedMs;
  }

  get known(): boolean {
    return this.offsetUs !== null;
  }

  /** Milliseconds since the sample that counts was taken. */
  ageMs(nowMs: number): number {
    return this.known ? nowMs - this.takenMs : Number.POSITIVE_INFINITY;
  }

  /** The house's clock was set anew: the next sample counts, however long its way. */
  stepped(): void {
    this.roundTripMs = Number.POSITIVE_INFINITY;
  }

  /** UTC at the house in microseconds; `wallMs` (this machine's own clock) where it is unknown. */
  nowUtcUs(monotonicMs: number, wallMs: number): number {
    return this.offsetUs === null ? wallMs * 1000 : this.offsetUs + monotonicMs * 1000;
  }
}
