// The line to the house: one connection, and two for as long as it takes to move to another edge.
import { retryDelayMs, toldDelayMs } from "./backoff";
import type { Span } from "./fragment";
import { type Piece, readStream } from "./stream";
import { CLOSED, notThisForm, soundless, spoken, type Trouble, troubleOf } from "./trouble";

/**
 * Tries in a row without a fragment before the house is asked by another request. If it answers,
 * the way is at fault and another one is used; if not, this one goes on for ever.
 */
export const FRUITLESS_TRIES_MAX = 6;

/** Other edges that are asked for room before a listener waits for its place. */
export const OTHERS_ASKED_MAX = 2;

/** Refusals that the next try does not mend: this long at least, where the house says nothing. */
const REFUSED_WAIT_S: Readonly<Record<string, number>> = { waiting: 10, too_many: 10, ticket: 15 };

/** An edge that drains leaves nobody more time than this; a day's wait is no move. */
export const MOVE_WITHIN_MAX_S = 600;

/** Notices that an edge says before its first fragment; far fewer are usual. */
export const HELD_MAX = 64;

/** What the player is to the line. */
export interface LineEnd {
  /** Addresses in the order to try them, without the edges at `leaving` and those that drain. */
  bases(...leaving: string[]): Promise<readonly string[]>;
  /** The stream's name and query below an address. */
  path(): string;
  take(piece: Piece, burst: boolean): void;
  /**
   * Whether another edge's fragment goes on where this one's ends, so that it may take over; a
   * `burst` is the first that it gives.
   */
  fits(span: Span, burst: boolean): boolean;
  /** Another edge took over: what the one before it announced is void. */
  moved(): void;
  /** Falls back to the baseline; false where that is what plays already. */
  plainer(): boolean;
  houseAnswers(): Promise<boolean>;
  /** The house offers HLS instead; true when the page takes it. */
  useHls(): boolean;
  trouble(trouble: Trouble, attempt: number, retryMs: number): void;
  giveUp(): void;
}

interface Feed {
  readonly base: string;
  readonly abort: AbortController;
  over: Promise<void>;
  error: unknown;
  fragments: number;
  /** Fragments that came too early to take over with. */
  offered: number;
  /** Of one that has not taken over: its head, and the notices since its last fragment. */
  held: Piece[];
}

export class Line {
  base = "";
  connections = 0;
  private fragments = 0;
  private turn = 0;
  private attempt = 0;
  private fruitless = 0;
  /** Edges that had no room since the last wait, and the next one to ask. */
  private asked: string[] = [];
  private hop = "";
  /** What its own edge said of its place. */
  private queued: Trouble | null = null;
  private current: Feed | null = null;
  private moving = false;
  private leaving: string | undefined;
  private anew = false;
  private readonly ending = new AbortController();
  private wake: () => void = () => undefined;

  constructor(
    private readonly end: LineEnd,
    private readonly read: typeof readStream,
  ) {}

  close(): void {
    this.ending.abort();
  }

  /** Skips what is left of a wait between two tries. */
  retryNow(): void {
    this.wake();
  }

  /** Opens the stream anew, in its present form; nothing has gone wrong on the way. */
  again(): void {
    this.anew = true;
    this.current?.abort.abort();
    this.wake();
  }

  async run(): Promise<void> {
    while (!this.ended) {
      const base = await this.next();
      if (this.ended) return;
      const before = this.fragments;
      this.anew = false;
      const error = await this.hold(base);
      if (this.ended) return;
      if (this.anotherForm(error)) continue;
      // All who hear this form lose it at once: they come back after a wait, spread as after any loss.
      if (soundless(error)) this.end.plainer();
      const trouble = error === null ? CLOSED : troubleOf(error);
      if (trouble.code === "use_hls" && this.end.useHls()) return;
      this.count(trouble, this.fragments > before);
      if (this.fruitless >= FRUITLESS_TRIES_MAX && (await this.suspected())) return this.end.giveUp();
      if (this.ended) return;
      await this.waits(base, trouble);
    }
  }

  /** The edge drains: at some moment within `withinS` seconds another one takes over. */
  move(withinS: number): void {
    if (this.moving || !(withinS >= 0)) return;
    this.moving = true;
    void this.moves(Math.random() * Math.min(withinS, MOVE_WITHIN_MAX_S) * 1000);
  }

  private async moves(waitMs: number): Promise<void> {
    const from = this.current;
    if (from === null) return void (this.moving = false);
    this.leaving = from.base;
    await this.pause(waitMs, from);
    for (let attempt = 0; this.current === from && !this.ended; attempt += 1) {
      const bases = await this.end.bases(from.base);
      const base = bases[attempt % bases.length];
      if (base === undefined || this.current !== from || this.ended) break;
      const next = this.open(base);
      await Promise.race([next.over, from.over]);
      if (this.current === from) await this.pause(retryDelayMs(attempt, Math.random()), from);
      if (this.current !== next) next.abort.abort();
    }
    this.moving = false;
  }

  private async next(): Promise<string> {
    const { hop, leaving } = this;
    [this.hop, this.leaving] = ["", undefined];
    if (hop !== "") return hop;
    const bases = await this.end.bases(...(leaving === undefined ? [] : [leaving]));
    return bases[this.turn % bases.length] ?? "";
  }

  /** The same address at once, in another form: nothing is wrong with the way. */
  private anotherForm(error: unknown): boolean {
    return this.anew || (notThisForm(error) && this.end.plainer());
  }

  private count(trouble: Trouble, heard: boolean): void {
    this.attempt = heard ? 0 : this.attempt + 1;
    // What the house itself refuses, it refuses on every way.
    this.fruitless = heard || spoken(trouble) ? 0 : this.fruitless + 1;
    if (trouble.code !== "waiting") this.asked = [];
  }

  /** Whether the way is at fault: the house answers, and not even the baseline comes through. */
  private async suspected(): Promise<boolean> {
    this.fruitless = 0;
    return !this.end.plainer() && this.end.houseAnswers();
  }

  private async waits(base: string, trouble: Trouble): Promise<void> {
    // Its own place in the queue is at the edge where it was given; others may have room.
    if (trouble.code === "waiting") this.hop = await this.other(base, trouble);
    else {
      this.turn += 1;
      this.queued = null;
    }
    const told = this.queued ?? trouble;
    const retryMs = this.hop === "" ? waitMs(told, this.attempt) : retryDelayMs(1, Math.random());
    this.end.trouble(told, this.attempt, retryMs);
    await this.rest(retryMs);
  }

  /** Another edge that may have room, or "" when enough were asked, or all. */
  private async other(base: string, trouble: Trouble): Promise<string> {
    const { asked } = this;
    if (asked.length === 0) this.queued = trouble;
    asked.push(base);
    const bases = asked.length > OTHERS_ASKED_MAX ? [] : await this.end.bases(...asked);
    const fresh = bases.filter((one) => !asked.includes(one));
    const hop = fresh[Math.floor(Math.random() * fresh.length)] ?? "";
    if (hop === "") this.asked = [];
    return hop;
  }

  /** Holds the connection, whichever edge has it meanwhile; what ended it, or null. */
  private async hold(base: string): Promise<unknown> {
    let feed = this.open(base);
    this.current = feed;
    this.base = base;
    for (;;) {
      await feed.over;
      // Another edge has taken over.
      if (this.current === feed) break;
      feed = this.current;
    }
    this.current = null;
    return feed.error;
  }

  private open(base: string): Feed {
    this.connections += 1;
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    this.ending.signal.addEventListener("abort", stop, { once: true });
    const feed: Feed = { base, abort, over: Promise.resolve(), error: null, fragments: 0, offered: 0, held: [] };
    feed.over = this.read(`${base}${this.end.path()}`, abort.signal, (piece) => this.give(feed, piece))
      .catch((error: unknown) => void (feed.error = error))
      .finally(() => this.ending.signal.removeEventListener("abort", stop));
    return feed;
  }

  private give(feed: Feed, piece: Piece): void {
    if (feed.abort.signal.aborted) return;
    if (feed !== this.current && !this.takesOver(feed, piece)) return;
    if (piece.kind === "fragment") {
      feed.fragments += 1;
      this.fragments += 1;
    }
    this.end.take(piece, feed.fragments <= 1);
  }

  /** True once the edge that is moved to has brought what goes on from here. */
  private takesOver(feed: Feed, piece: Piece): boolean {
    if (piece.kind !== "fragment") {
      if (feed.held.length < HELD_MAX) feed.held.push(piece);
      return false;
    }
    feed.offered += 1;
    if (!this.end.fits(piece.span, feed.offered === 1)) {
      feed.held = feed.held.filter((one) => one.kind === "head");
      return false;
    }
    const before = this.current;
    this.current = feed;
    this.base = feed.base;
    this.leaving = undefined;
    this.end.moved();
    for (const one of feed.held) this.end.take(one, true);
    feed.held = [];
    before?.abort.abort();
    return true;
  }

  private get ended(): boolean {
    return this.ending.signal.aborted;
  }

  /** Waits, or less where `feed` ends before. */
  private async pause(ms: number, feed: Feed): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const waited = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
    await Promise.race([waited, feed.over]);
    clearTimeout(timer);
  }

  private async rest(ms: number): Promise<void> {
    const rested = new Promise<void>((resolve) => (this.wake = resolve));
    const timer = setTimeout(this.wake, ms);
    this.ending.signal.addEventListener("abort", this.wake, { once: true });
    await rested;
    clearTimeout(timer);
    this.ending.signal.removeEventListener("abort", this.wake);
  }
}

function waitMs({ code, waitS = 0 }: Trouble, attempt: number): number {
  const least = Object.hasOwn(REFUSED_WAIT_S, code) ? (REFUSED_WAIT_S[code] ?? 0) : 0;
  if (least === 0) return retryDelayMs(attempt, Math.random());
  return toldDelayMs(waitS > 0 ? waitS : least, Math.random());
}
