// How often the edge writes: what it has announced, what its fragments show, when the next is due.
import { LONGEST_TICK_S, MESSAGE_S, TICKS_MESSAGES, USUAL_TICK_S } from "./grid";

/** A joiner's burst is the tick and about so much more. */
export const BURST_OVER_TICK_S = 6 * MESSAGE_S;

/** So many shorter fragments in a row are a shorter tick; one alone is a write in two pieces. */
export const SHORTER_MIN = 3;

/** So many longer ones in a row are a longer tick, even where the edge has said another. */
export const LONGER_MIN = 2;

/** An edge that has no burst to give any more is at its longest tick; less than this is no such write. */
export const LONG_WRITE_S = 17 * MESSAGE_S;

const ROUND_S = 0.001;

export class Rhythm {
  tickS = USUAL_TICK_S;
  private coming: { readonly tickS: number; readonly fromS: number } | null = null;
  /** The edge has said its tick: what is shorter is no news then. */
  private told = false;
  /** The newest fragments that were all longer, or all shorter, than the tick. */
  private others: { longer: boolean; durations: number[] } = { longer: true, durations: [] };
  private endS = Number.NEGATIVE_INFINITY;
  private endAtS = 0;

  /** Another edge speaks: what the one before it announced is void. */
  connected(): void {
    this.coming = null;
    this.told = false;
    this.others.durations.length = 0;
  }

  /** The notice `tick`: from `fromS` on, a write each `tickS`. */
  announced(tickS: number, fromS: number): void {
    if (!(tickS > 0) || !Number.isFinite(fromS)) return;
    this.told = true;
    this.coming = { tickS: bounded(tickS), fromS };
    this.turn(this.endS);
  }

  /** A fragment of a tick arrived, or (`burst`) what a joiner gets first. */
  arrived(durationS: number, endS: number, nowS: number, burst: boolean): void {
    this.endS = endS;
    this.endAtS = nowS;
    this.turn(endS);
    if (!burst && durationS > 0) this.learn(durationS);
  }

  /** What a connection's first fragment says of the tick, where the edge says nothing. */
  guess(durationS: number, first: boolean): void {
    if (this.told) return;
    const tickS = tickOfBurst(durationS);
    this.tickS = first ? tickS : Math.max(this.tickS, tickS);
  }

  /** The tick that is to be ready for: the longer of this one and the next. */
  get readyForS(): number {
    return Math.max(this.tickS, this.coming?.tickS ?? 0);
  }

  /** Seconds until a longer tick begins, or null where none is announced. */
  leftS(nowS: number): number | null {
    const { coming } = this;
    if (coming === null || coming.tickS <= this.tickS) return null;
    return Math.max(0, coming.fromS - this.edgeS(nowS));
  }

  /** Seconds until the next write at the latest; 0 where it is late. */
  dueInS(nowS: number): number {
    return Math.max(0, this.endAtS + this.tickS - nowS);
  }

  /** True when the tick has changed by now. */
  changed(nowS: number): boolean {
    const before = this.tickS;
    this.turn(this.edgeS(nowS));
    return this.tickS !== before;
  }

  /** Where the programme is by now, as far as the last write tells. */
  private edgeS(nowS: number): number {
    return this.endS + Math.min(nowS - this.endAtS, this.tickS);
  }

  private turn(edgeS: number): void {
    if (this.coming === null || edgeS < this.coming.fromS - ROUND_S) return;
    this.tickS = this.coming.tickS;
    this.coming = null;
  }

  /** A longer fragment counts at once, unless the edge has said better: one may end the old tick. */
  private learn(durationS: number): void {
    const longer = durationS >= this.tickS - ROUND_S;
    if (longer !== this.others.longer) this.others = { longer, durations: [] };
    const { durations } = this.others;
    durations.push(durationS);
    if (durations.length < (longer ? (this.told ? LONGER_MIN : 1) : SHORTER_MIN)) return;
    if (longer || !this.told) this.tickS = bounded(longer ? Math.min(...durations) : Math.max(...durations));
    durations.length = 0;
  }
}

/** The tick of an edge that gives a joiner `durationS` at once. */
export function tickOfBurst(durationS: number): number {
  if (durationS > LONG_WRITE_S) return LONGEST_TICK_S;
  const ticks = TICKS_MESSAGES.map((messages) => messages * MESSAGE_S);
  const fits = ticks.filter((tickS) => tickS + BURST_OVER_TICK_S <= durationS + ROUND_S);
  return Math.max(USUAL_TICK_S, ...fits);
}

function bounded(tickS: number): number {
  return Math.min(tickS, LONGEST_TICK_S);
}
