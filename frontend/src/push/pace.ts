// Where playback stands in the buffer: start, catch up, grow, jump over holes, stay close.
import { MESSAGE_S } from "./grid";
import { Rhythm } from "./rhythm";

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

/** A longer tick is grown into at no less than this, and by what nobody hears where there is time. */
export const RATE_LEAST = 0.75;
export const RATE_UNHEARD = 0.97;

/** A longer tick is a busier edge's: its writes come later against each other by so much of it. */
export const RESERVE_PER_TICK = 0.04;

/** Rates are set in steps: each new one makes a browser stretch the sound anew. */
const RATE_STEP = 0.01;

/** A browser that took so long to begin begins again at the newest: nobody has heard anything yet. */
export const LATE_START_S = 0.6;

const STAY: Step = { rate: 1, seekToS: null, trimBeforeS: null };

export class Pace {
  readonly rhythm = new Rhythm();
  private started = false;
  /** Where playback was to start; null once it has. */
  private soughtS: number | null = null;
  private keptS = RESERVE_S;
  private calmSinceS = 0;
  private rate = 1;
  /** How far the buffer's end was ahead of the clock: playback at any rate leaves it as it is. */
  private leads: { atS: number; leadS: number }[] = [];

  /** The notice `tick` (in messages, from a moment of the programme), as soon as it is received. */
  announced(messages: number, fromS: number): void {
    this.rhythm.announced(messages * MESSAGE_S, fromS);
  }

  /** New sound until `endS` arrived: the first that a connection brings is a burst. */
  arrived(durationS: number, endS: number, nowS: number, burst: boolean): void {
    const before = this.rhythm.tickS;
    if (burst) this.rhythm.guess(durationS, !this.started);
    this.rhythm.arrived(durationS, endS, nowS, burst);
    if (this.rhythm.tickS > before) this.leads = [];
  }

  /** Playback ran dry: keep more from now on. */
  stalled(nowS: number): void {
    this.keptS = Math.min(RESERVE_MAX_S, this.keptS + RESERVE_STALL_S);
    this.calmSinceS = nowS;
  }

  /** The timeline is a new one, or playback starts again. */
  restart(): void {
    this.started = false;
    this.rate = 1;
    this.leads = [];
  }

  /** How far behind the buffer's end playback starts: a tick and the reserve. */
  get startBehindS(): number {
    return this.rhythm.readyForS + this.reserveS;
  }

  /** Whether an edge with this tick can take over now without a stall. */
  readyFor(tickS: number, look: Look): boolean {
    const least = this.leastDepthS(look);
    return least !== null && least + this.rhythm.tickS >= tickS + this.reserveS - SLACK_S;
  }

  step(look: Look): Step {
    if (this.rhythm.changed(look.nowS)) this.leads = [];
    const newest = look.ranges.find((range) => holds(range, look.newestEndS));
    if (newest === undefined) return { ...STAY, rate: this.rate };
    if (!this.started) return this.start(look, newest);
    const here = look.ranges.find((range) => holds(range, look.currentS));
    if (here === undefined || stuckBefore(here, newest, look.currentS)) return this.jump(newest);
    if (here !== newest) return { ...STAY, rate: 1 };
    return this.follow(look, newest);
  }

  private get reserveS(): number {
    return this.keptS + this.rhythm.readyForS * RESERVE_PER_TICK;
  }

  /** How long leads are remembered: a look may miss the trough of one short tick. */
  private get windowS(): number {
    return Math.max(this.rhythm.tickS * 1.5, WINDOW_MIN_S);
  }

  /** Depth just before a write, at this moment's distance, or null before a whole tick was seen. */
  private leastDepthS({ nowS, currentS }: Look): number | null {
    const first = this.leads[0];
    if (first === undefined || nowS - first.atS < this.rhythm.tickS) return null;
    return Math.min(...this.leads.map((one) => one.leadS)) + nowS - currentS;
  }

  private start(look: Look, newest: Range): Step {
    this.started = true;
    this.calmSinceS = look.nowS;
    const step = this.jump(newest);
    this.soughtS = step.seekToS;
    return step;
  }

  /** True once, when playback has begun, and far behind where it was to. */
  private startedLate(look: Look, newest: Range): boolean {
    if (this.soughtS === null || look.currentS <= this.soughtS) return false;
    const waitedS = newest.end - look.currentS - this.startBehindS;
    this.soughtS = null;
    return waitedS > LATE_START_S;
  }

  private jump(newest: Range): Step {
    this.rate = 1;
    const seekToS = Math.max(newest.start, newest.end - this.startBehindS);
    return { rate: 1, seekToS, trimBeforeS: null };
  }

  private follow(look: Look, newest: Range): Step {
    this.leads.push({ atS: look.nowS, leadS: newest.end - look.nowS });
    this.leads = this.leads.filter((one) => one.atS >= look.nowS - this.windowS);
    this.relax(look.nowS);
    if (this.startedLate(look, newest)) return this.jump(newest);
    const least = this.leastDepthS(look);
    if (least !== null && least > this.reserveS + TOO_FAR_S) return this.jump(newest);
    this.rate = this.nextRate(look.nowS, newest.end - look.currentS, least);
    const behind = look.currentS - (look.ranges[0]?.start ?? look.currentS);
    const trimBeforeS = behind > BEHIND_MAX_S ? look.currentS - BEHIND_KEPT_S : null;
    return { rate: this.rate, seekToS: null, trimBeforeS };
  }

  private nextRate(nowS: number, depthS: number, least: number | null): number {
    const dueS = this.rhythm.dueInS(nowS);
    const expected = least ?? depthS - dueS;
    const leftS = this.rhythm.leftS(nowS);
    if (leftS !== null) {
      const lacking = this.startBehindS - this.rhythm.tickS - expected;
      if (lacking > 0) return slowRate(lacking, leftS);
      return lacking > -SLACK_S ? RATE_UNHEARD : 1;
    }
    // Nothing is known of this tick's troughs yet: what is there has to last until the next write.
    const lacking = this.reserveS - expected;
    if (least === null) return lacking > SLACK_S / 2 ? slowRate(lacking, dueS) : 1;
    return steadyRate(this.rate, -lacking);
  }

  private relax(nowS: number): void {
    if (nowS - this.calmSinceS < CALM_S) return;
    this.calmSinceS = nowS;
    this.keptS = Math.max(RESERVE_S, this.keptS - RESERVE_STALL_S);
  }
}

/** The rate that gains `lackingS` within `leftS`. */
function slowRate(lackingS: number, leftS: number): number {
  // So little is within what the reserve is for.
  if (lackingS <= SLACK_S) return RATE_UNHEARD;
  const rate = leftS > 0 ? 1 - lackingS / leftS : RATE_LEAST;
  const stepped = Math.floor(rate / RATE_STEP) * RATE_STEP;
  return Math.min(RATE_UNHEARD, Math.max(RATE_LEAST, Math.round(stepped * 100) / 100));
}

/** Change the rate outside the slack, keep it until the aim is met. */
function steadyRate(rate: number, excess: number): number {
  if (excess > SLACK_S) return RATE_FAST;
  if (excess < -SLACK_S) return RATE_SLOW;
  if (rate > 1 && excess > 0) return RATE_FAST;
  if (rate < 1 && excess < 0) return RATE_SLOW;
  return 1;
}

function holds(range: Range, atS: number): boolean {
  return atS >= range.start - 0.001 && atS <= range.end + 0.001;
}

/** At the end of a range, with newer sound behind a hole (or on a new timeline before it). */
function stuckBefore(here: Range, newest: Range, currentS: number): boolean {
  return here !== newest && (here.end - currentS < EDGE_OF_RANGE_S || newest.end < here.start);
}
