// Where playback stands in the buffer: start, catch up, grow, jump over holes, stay close.
import { USUAL_TICK_S } from "./grid";

/** Seconds of sound [start, end) in the buffer. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What the player sees at one moment; times in seconds, `nowS` monotonic. */
export interface Look {
  readonly nowS: number;
  readonly currentS: number;
  readonly ranges: readonly Range[];
  /** End of what was appended last: the side of the buffer that grows. */
  readonly newestEndS: number;
}

/** What the player does now. */
export interface Step {
  readonly rate: number;
  readonly seekToS: number | null;
  readonly trimBeforeS: number | null;
}

/**
 * Kept below the shallowest point of a tick, against jitter; grows with each stall. Chromium runs
 * dry with 0.12 s still buffered (its decoder and sink hold that much), so that less is a stall.
 */
export const RESERVE_S = 0.22;
export const RESERVE_STALL_S = 0.12;
export const RESERVE_MAX_S = 1.2;

/** After this long without a stall the reserve shrinks by one step. */
export const CALM_S = 45;

/** Depths of at least this long are compared: several looks in each of several short ticks. */
export const WINDOW_MIN_S = 0.8;

/** Catch-up that nobody hears; above 1.05 speech sounds hurried. */
export const RATE_FAST = 1.04;
export const RATE_SLOW = 0.96;

/** Depth may lie this far from its aim before the rate changes. */
export const SLACK_S = 0.06;

/** Deeper than its aim by this, the player jumps instead of hurrying for a minute. */
export const TOO_FAR_S = 2.5;

/** Nearer to the end of a range than this, playback cannot go on inside it. */
export const EDGE_OF_RANGE_S = 0.08;

/** Played sound that is kept, and how much more gathers before it is cut away. */
export const BEHIND_KEPT_S = 8;
export const BEHIND_MAX_S = 20;

const STAY: Step = { rate: 1, seekToS: null, trimBeforeS: null };

export class Pace {
  private started = false;
  private tickS = USUAL_TICK_S;
  private reserveS = RESERVE_S;
  private calmSinceS = 0;
  private rate = 1;
  private depths: { atS: number; depth: number }[] = [];

  /** A fragment that lasts `durationS` arrived: the edge's tick. The joiner's burst is no tick. */
  ticked(durationS: number): void {
    if (this.started && durationS > 0) this.tickS = Math.min(durationS, 2);
  }

  /** Playback ran dry: keep more from now on. */
  stalled(nowS: number): void {
    this.reserveS = Math.min(RESERVE_MAX_S, this.reserveS + RESERVE_STALL_S);
    this.calmSinceS = nowS;
    this.depths = [];
  }

  /** The timeline is a new one, or playback starts again. */
  restart(): void {
    this.started = false;
    this.rate = 1;
    this.depths = [];
  }

  /** How far behind the buffer's end playback starts: a tick and the reserve. */
  get startBehindS(): number {
    return this.tickS + this.reserveS;
  }

  /** How long depths are remembered: a look may miss the trough of one short tick. */
  private get windowS(): number {
    return Math.max(this.tickS * 1.5, WINDOW_MIN_S);
  }

  /** Least depth over the last tick, or null before a whole tick was seen. */
  get leastDepthS(): number | null {
    const first = this.depths[0];
    const last = this.depths.at(-1);
    if (first === undefined || last === undefined || last.atS - first.atS < this.tickS) return null;
    return Math.min(...this.depths.map((one) => one.depth));
  }

  step(look: Look): Step {
    const newest = look.ranges.find((range) => holds(range, look.newestEndS));
    if (newest === undefined) return { ...STAY, rate: this.rate };
    if (!this.started) return this.start(look, newest);
    const here = look.ranges.find((range) => holds(range, look.currentS));
    if (here === undefined || stuckBefore(here, newest, look.currentS)) return this.jump(newest);
    if (here !== newest) return { ...STAY, rate: 1 };
    return this.follow(look, newest);
  }

  private start(look: Look, newest: Range): Step {
    this.started = true;
    this.calmSinceS = look.nowS;
    return this.jump(newest);
  }

  private jump(newest: Range): Step {
    this.depths = [];
    this.rate = 1;
    const seekToS = Math.max(newest.start, newest.end - this.startBehindS);
    return { rate: 1, seekToS, trimBeforeS: null };
  }

  private follow(look: Look, newest: Range): Step {
    this.depths.push({ atS: look.nowS, depth: newest.end - look.currentS });
    this.depths = this.depths.filter((one) => one.atS >= look.nowS - this.windowS);
    this.relax(look.nowS);
    const least = this.leastDepthS;
    if (least !== null && least > this.reserveS + TOO_FAR_S) return this.jump(newest);
    if (least !== null) this.rate = nextRate(this.rate, least - this.reserveS, this.windowS);
    const behind = look.currentS - (look.ranges[0]?.start ?? look.currentS);
    const trimBeforeS = behind > BEHIND_MAX_S ? look.currentS - BEHIND_KEPT_S : null;
    return { rate: this.rate, seekToS: null, trimBeforeS };
  }

  private relax(nowS: number): void {
    if (nowS - this.calmSinceS < CALM_S) return;
    this.calmSinceS = nowS;
    this.reserveS = Math.max(RESERVE_S, this.reserveS - RESERVE_STALL_S);
  }
}

/**
 * Change the rate outside the slack, keep it until the aim is met. The least depth is of
 * the whole window, and hurrying goes on meanwhile: it ends that much before its aim.
 */
function nextRate(rate: number, excess: number, windowS: number): number {
  const lead = (RATE_FAST - 1) * windowS;
  if (excess > SLACK_S + lead) return RATE_FAST;
  if (excess < -SLACK_S) return RATE_SLOW;
  if (rate > 1 && excess > lead) return rate;
  if (rate < 1 && excess < 0) return rate;
  return 1;
}

function holds(range: Range, atS: number): boolean {
  return atS >= range.start - 0.001 && atS <= range.end + 0.001;
}

/** At the end of a range, with newer sound behind a hole (or on a new timeline before it). */
function stuckBefore(here: Range, newest: Range, currentS: number): boolean {
  return here !== newest && (here.end - currentS < EDGE_OF_RANGE_S || newest.end < here.start);
}
