// The push player: reads the stream into the deck, keeps its pace, comes back when it is lost.
import { retryDelayMs } from "./backoff";
import { MalformedStreamError } from "./boxes";
import { Deck, mediaSourceClass, type Sink } from "./deck";
import { DueNotices } from "./due";
import type { Notice } from "./notice";
import { Pace } from "./pace";
import { type Piece, readStream, RefusedError } from "./stream";

/** How often the pace is looked at; the buffer's depth changes by a tick, 107 ms at least. */
export const LOOK_MS = 80;

/**
 * Tries in a row without a fragment before the house is asked by another request. If it answers,
 * the way is at fault and another one is used; if not, this one goes on for ever.
 */
export const FRUITLESS_TRIES_MAX = 6;

/** Decoders that may break before another way of playing is used. */
export const BROKEN_DECKS_MAX = 3;

/** A fragment this far before what plays belongs to a new timeline. */
export const BACKWARD_S = 5;

/** Playback that stands still this long with sound ahead gets a push. */
export const STUCK_S = 2;

/** `HTMLMediaElement.HAVE_FUTURE_DATA`: there is sound to go on with. */
const HAVE_FUTURE_DATA = 3;

/** Why the player is not playing, for words; `code` and `sentence` are the house's own, or empty. */
export interface Trouble {
  readonly why: "lost" | "refused" | "silent" | "closed";
  readonly sentence: string;
  readonly code: string;
}

export interface PushEvents {
  /** Addresses in the order to try them; asked before each connection. */
  bases(): Promise<readonly string[]>;
  /** Whether the house answers another request now. */
  houseAnswers(): Promise<boolean>;
  /** Sound has arrived, and with it all that the house has to say. */
  alive(): void;
  notice(notice: Notice): void;
  playing(): void;
  stalled(): void;
  /** The browser wants a press before it plays. */
  blocked(): void;
  /** The connection is gone; the next try is in `retryMs` milliseconds. */
  trouble(trouble: Trouble, attempt: number, retryMs: number): void;
  /** This way of playing does not work here; another may. */
  gaveUp(): void;
}

/** The network and the browser's decoder, for tests to stand in. */
export interface PushTools {
  readonly read: typeof readStream;
  /** Null where the browser has no such thing. */
  deck(audio: HTMLAudioElement, changed: () => void): Sink | null;
}

const TOOLS: PushTools = {
  read: readStream,
  deck(audio, changed) {
    const kind = mediaSourceClass();
    return kind === null ? null : new Deck(audio, kind, changed);
  },
};

export class PushPlayer {
  stalls = 0;
  jumps = 0;
  connections = 0;
  base = "";
  private deck: Sink | null = null;
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
    private readonly tools: PushTools = TOOLS,
  ) {}

  /** Starts inside a user's gesture: the element's `play` is called at once. */
  start(): void {
    this.build();
    if (this.ended) return;
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

  /** Playback goes on after a pause that was not ours: from the newest sound. */
  resumed(): void {
    this.pace.restart();
  }

  private async run(): Promise<void> {
    let attempt = 0;
    let fruitless = 0;
    for (let turn = 0; !this.ended; turn += 1) {
      const bases = await this.events.bases();
      this.base = bases[turn % bases.length] ?? "";
      const before = this.fragments;
      const trouble = await this.connect(`${this.base}/live/${this.space}/push.mp4`);
      const heard = this.fragments > before;
      attempt = heard ? 0 : attempt + 1;
      // What the house itself refuses, it refuses on every way.
      fruitless = heard || spoken(trouble) ? 0 : fruitless + 1;
      if (fruitless >= FRUITLESS_TRIES_MAX) {
        fruitless = 0;
        if (await this.events.houseAnswers()) return this.giveUp();
      }
      if (this.ended) return;
      const retryMs = retryDelayMs(attempt, Math.random());
      this.lost = true;
      this.events.trouble(trouble, attempt, retryMs);
      await this.rest(retryMs);
    }
  }

  private async connect(url: string): Promise<Trouble> {
    this.connections += 1;
    try {
      await this.tools.read(url, this.ending.signal, (piece) => this.take(piece));
      return { why: "closed", sentence: "", code: "" };
    } catch (error) {
      if (error instanceof RefusedError) return refused(error);
      if (error instanceof MalformedStreamError) return { why: "refused", sentence: "", code: "" };
      const silent = error instanceof Error && error.message === "silent";
      return { why: silent ? "silent" : "lost", sentence: "", code: "" };
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
        this.events.alive();
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
    if (!paused && readyState >= HAVE_FUTURE_DATA) this.events.playing();
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

  private stuck(currentS: number, deck: Sink): boolean {
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
    this.deck = this.tools.deck(this.audio, () => this.look());
    if (this.deck === null) return this.giveUp();
    if (this.head !== null) this.deck.append(this.head);
    play(this.audio, () => this.events.blocked());
  }

  private rebuild(): void {
    if (this.ended || this.deck === null) return;
    this.deck.close();
    this.deck = null;
    this.broken += 1;
    if (this.broken >= BROKEN_DECKS_MAX) return this.giveUp();
    this.started = false;
    this.newestEndS = 0;
    this.pace.restart();
    this.build();
  }

  private giveUp(): void {
    if (this.ended) return;
    this.ending.abort();
    this.events.gaveUp();
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

/** A front door that finds nobody behind it says so by itself: the house is away. */
function refused({ status, message, code }: RefusedError): Trouble {
  const away = status >= 500 && message === "" && code === "";
  return { why: away ? "lost" : "refused", sentence: message, code };
}

function spoken(trouble: Trouble): boolean {
  return trouble.sentence !== "" || trouble.code !== "";
}

/** Starts the element; a browser without a gesture refuses, and the page then offers its button. */
export function play(audio: HTMLAudioElement, blocked: () => void): void {
  audio.play().catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "NotAllowedError") blocked();
  });
}
