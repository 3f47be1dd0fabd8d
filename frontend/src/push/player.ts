// The push player: reads the stream into the deck, keeps its pace, comes back when it is lost.
import { retryDelayMs } from "./backoff";
import { MalformedStreamError } from "./boxes";
import { Deck, mediaSourceClass } from "./deck";
import { DueNotices } from "./due";
import type { Notice } from "./notice";
import { Pace } from "./pace";
import { type Piece, readStream, RefusedError } from "./stream";

/** How often the pace is looked at; the buffer's depth changes by a tick, 107 ms at least. */
export const LOOK_MS = 80;

/** Failed tries without a single fragment before another way of playing is used. */
export const FRUITLESS_TRIES_MAX = 6;

/** Decoders that may break before another way of playing is used. */
export const BROKEN_DECKS_MAX = 3;

/** A fragment this far before what plays belongs to a new timeline. */
export const BACKWARD_S = 5;

/** Playback that stands still this long with sound ahead gets a push. */
export const STUCK_S = 2;

/** Why the player is not playing, for words. */
export type Trouble =
  | { readonly why: "lost" | "refused" | "silent"; readonly sentence: string }
  | { readonly why: "closed"; readonly sentence: string };

export interface PushEvents {
  /** Addresses in the order to try them; asked before each connection. */
  bases(): Promise<readonly string[]>;
  notice(notice: Notice): void;
  playing(): void;
  stalled(): void;
  /** The browser wants a press before it plays. */
  blocked(): void;
  /** The connection is gone; the next try is in `retryMs` milliseconds. */
  trouble(trouble: Trouble, attempt: number, retryMs: number): void;
  /** This player cannot play here; another may. */
  gaveUp(sentence: string): void;
}

export class PushPlayer {
  stalls = 0;
  jumps = 0;
  connections = 0;
  base = "";
  private deck: Deck | null = null;
  private head: Uint8Array<ArrayBuffer> | null = null;
  private readonly pace = new Pace();
  private readonly due = new DueNotices();
  private readonly ending = new AbortController();
  private newestEndS = 0;
  private fragments = 0;
  private broken = 0;
  private started = false;
  private lost = false;
  private seekingSince = 0;
  private wake: () => void = () => undefined;
  private last = { atMs: 0, currentS: -1 };

  constructor(
    private readonly space: string,
    private readonly audio: HTMLAudioElement,
    private readonly events: PushEvents,
  ) {}

  /** Starts inside a user's gesture: the element's `play` is called at once. */
  start(): void {
    this.build();
    const signal = this.ending.signal;
    this.audio.addEventListener("waiting", () => this.waited(), { signal });
    this.audio.addEventListener("playing", () => this.events.playing(), { signal });
    this.audio.addEventListener("error", () => this.rebuild(), { signal });
    const timer = setInterval(() => this.look(), LOOK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    void this.run();
  }

  stop(): void {
    this.ending.abort();
    this.deck?.close();
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  /** Seconds behind the house's clock; the element's time counts from the run's epoch. */
  latencyS(houseUs: number, epochUs: number): number | null {
    if (!this.started || epochUs === 0) return null;
    return (houseUs - epochUs) / 1e6 - this.audio.currentTime;
  }

  /** Skips what is left of a wait between two tries. */
  retryNow(): void {
    this.wake();
  }

  private async run(): Promise<void> {
    let attempt = 0;
    let fruitless = 0;
    for (let turn = 0; !this.ended; turn += 1) {
      const bases = await this.events.bases();
      this.base = bases[turn % bases.length] ?? "";
      const before = this.fragments;
      const trouble = await this.connect(`${this.base}/live/${this.space}/push.mp4`);
      if (this.ended) return;
      const heard = this.fragments > before;
      attempt = heard ? 0 : attempt + 1;
      fruitless = heard ? 0 : fruitless + 1;
      if (fruitless >= Math.max(FRUITLESS_TRIES_MAX, bases.length + 1)) {
        this.events.gaveUp(trouble.sentence);
        fruitless = 0;
      }
      const retryMs = retryDelayMs(attempt, Math.random());
      this.lost = true;
      this.events.trouble(trouble, attempt, retryMs);
      await this.rest(retryMs);
    }
  }

  private async connect(url: string): Promise<Trouble> {
    this.connections += 1;
    try {
      await readStream(url, this.ending.signal, (piece) => this.take(piece));
      return { why: "closed", sentence: "" };
    } catch (error) {
      if (error instanceof RefusedError) return { why: "refused", sentence: error.message };
      if (error instanceof MalformedStreamError) return { why: "refused", sentence: error.message };
      const silent = error instanceof Error && error.message === "silent";
      return { why: silent ? "silent" : "lost", sentence: "" };
    }
  }

  private take(piece: Piece): void {
    switch (piece.kind) {
      case "notices":
        for (const notice of this.due.add(piece.notices)) this.events.notice(notice);
        return;
      case "head":
        this.head = piece.bytes;
        this.deck?.append(piece.bytes);
        return;
      case "fragment":
        this.fragments += 1;
        this.found();
        if (piece.span.endS < this.newestEndS - BACKWARD_S) this.newTimeline();
        // Another edge's burst repeats what is already here: the same bytes on the same grid.
        else if (piece.span.endS <= this.newestEndS) return;
        this.newestEndS = piece.span.endS;
        this.pace.ticked(piece.span.endS - piece.span.startS);
        this.deck?.append(piece.bytes);
    }
  }

  /** A connection came back before the sound ran dry: the element has nothing to report then. */
  private found(): void {
    if (!this.lost) return;
    this.lost = false;
    const { paused, readyState } = this.audio;
    if (!paused && readyState >= HTMLMediaElement.HAVE_FUTURE_DATA) this.events.playing();
  }

  private newTimeline(): void {
    this.deck?.empty();
    if (this.head !== null) this.deck?.append(this.head);
    this.due.clear();
    this.pace.restart();
  }

  private look(): void {
    const deck = this.deck;
    if (deck === null) return;
    if (deck.broken) return this.rebuild();
    const nowS = performance.now() / 1000;
    const currentS = this.audio.currentTime;
    const step = this.pace.step({ nowS, currentS, ranges: deck.ranges, newestEndS: this.newestEndS });
    if (step.seekToS !== null) this.seek(step.seekToS);
    else if (this.stuck(currentS, deck)) this.pace.restart();
    if (this.audio.playbackRate !== step.rate) this.audio.playbackRate = step.rate;
    if (step.trimBeforeS !== null) deck.trim(step.trimBeforeS);
    if (this.started) for (const notice of this.due.take(currentS)) this.events.notice(notice);
  }

  private seek(toS: number): void {
    if (this.started) this.jumps += 1;
    this.started = true;
    this.seekingSince = performance.now();
    this.audio.currentTime = toS;
  }

  private stuck(currentS: number, deck: Deck): boolean {
    const nowMs = performance.now();
    if (currentS !== this.last.currentS || this.audio.paused || !this.started) {
      this.last = { atMs: nowMs, currentS };
      return false;
    }
    const ahead = deck.ranges.some((range) => range.end > currentS + this.pace.startBehindS);
    if (!ahead || nowMs - this.last.atMs < STUCK_S * 1000) return false;
    this.last = { atMs: nowMs, currentS };
    return true;
  }

  private waited(): void {
    // Our own seeks wait too; only running dry is a stall.
    if (!this.started || this.audio.seeking || performance.now() - this.seekingSince < 500) return;
    this.stalls += 1;
    this.pace.stalled(performance.now() / 1000);
    this.events.stalled();
  }

  private build(): void {
    const kind = mediaSourceClass();
    if (kind === null) return this.events.gaveUp("");
    this.deck = new Deck(this.audio, kind, () => this.look());
    if (this.head !== null) this.deck.append(this.head);
    this.audio.play().catch((error: unknown) => {
      const refused = error instanceof DOMException && error.name === "NotAllowedError";
      if (refused) this.events.blocked();
    });
  }

  private rebuild(): void {
    if (this.ended || this.deck === null) return;
    this.deck.close();
    this.deck = null;
    this.broken += 1;
    if (this.broken >= BROKEN_DECKS_MAX) {
      this.events.gaveUp("");
      return;
    }
    this.started = false;
    this.newestEndS = 0;
    this.pace.restart();
    this.build();
  }

  private get ended(): boolean {
    return this.ending.signal.aborted;
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
