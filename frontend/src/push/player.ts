// The push player: reads the stream into the deck, keeps its pace, comes back when it is lost.
import { type Codec, FILES } from "./codec";
import { Deck, made, type Sink } from "./deck";
import { DueNotices } from "./due";
import type { Span } from "./fragment";
import { MESSAGE_S, SAMPLE_RATE_HZ, USUAL_TICK_S } from "./grid";
import { Line } from "./line";
import type { Notice } from "./notice";
import { type Look, Pace } from "./pace";
import { tickOfBurst } from "./rhythm";
import { type Piece, readStream } from "./stream";
import type { Trouble } from "./trouble";

/** How often the pace is looked at; the buffer's depth changes by a tick, 107 ms at least. */
export const LOOK_MS = 80;

/** Decoders that may break before another way of playing is used. */
export const BROKEN_DECKS_MAX = 3;

/** A fragment this far before what plays belongs to a new timeline. */
export const BACKWARD_S = 5;

/** Playback that stands still this long with sound ahead gets a push. */
export const STUCK_S = 2;

/** `HTMLMediaElement.HAVE_FUTURE_DATA`: there is sound to go on with. */
const HAVE_FUTURE_DATA = 3;

/** Another edge with a longer tick is waited with for so long, while the buffer grows for it. */
export const PREPARE_S = 8;

/** A fragment that begins so much later than the newest sound leaves a hole. */
const HOLE_S = 0.002;

/** What is asked for: all of it is fixed but the codec, which falls back for the rest of the visit. */
export interface Wanted {
  readonly space: string;
  /** "" or what an address ends with, from "?" on. */
  readonly query: string;
  codec: Codec;
}

export interface PushEvents {
  /** Addresses in the order to try them; asked before each connection. Without the edges at `leaving`. */
  bases(...leaving: string[]): Promise<readonly string[]>;
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
  /** The house offers HLS in place of push; true when the page goes on with it. */
  useHls(): boolean;
}

/** The network and the browser's decoder, for tests to stand in. */
export interface PushTools {
  readonly read: typeof readStream;
  /** Null where the browser has no such thing. */
  deck(audio: HTMLAudioElement, changed: () => void, codec: Codec): Sink | null;
}

const TOOLS: PushTools = {
  read: readStream,
  deck(audio, changed, codec) {
    const one = made(codec);
    return one === null ? null : new Deck(audio, one.kind, one.mime, changed);
  },
};

export class PushPlayer {
  stalls = 0;
  jumps = 0;
  private readonly line: Line;
  private deck: Sink | null = null;
  private head: Uint8Array<ArrayBuffer> | null = null;
  private readonly pace = new Pace();
  private readonly due = new DueNotices();
  private readonly ending = new AbortController();
  private newestEndS = 0;
  private broken = 0;
  private started = false;
  private lost = false;
  /** The buffer grows for the edge that is moved to. */
  private preparing = false;
  private seekingSince = 0;
  private last = { atMs: 0, currentS: -1 };

  constructor(
    private readonly wanted: Wanted,
    private readonly audio: HTMLAudioElement,
    private readonly events: PushEvents,
    private readonly tools: PushTools = TOOLS,
  ) {
    this.line = new Line(
      {
        bases: (...leaving) => events.bases(...leaving),
        path: () => `/live/${wanted.space}/${FILES[wanted.codec]}${wanted.query}`,
        take: (piece, burst) => this.take(piece, burst),
        fits: (span, burst) => this.fits(span, burst),
        moved: () => this.moved(),
        plainer: () => this.plainer(),
        houseAnswers: () => events.houseAnswers(),
        useHls: () => events.useHls(),
        trouble: (trouble, attempt, retryMs) => this.troubled(trouble, attempt, retryMs),
        giveUp: () => this.giveUp(),
      },
      tools.read,
    );
  }

  get connections(): number {
    return this.line.connections;
  }

  get base(): string {
    return this.line.base;
  }

  /** Starts inside a user's gesture: the element's `play` is called at once. */
  start(): void {
    this.build();
    if (this.ended) return;
    const signal = this.ending.signal;
    this.audio.addEventListener("waiting", () => this.waited(), { signal });
    this.audio.addEventListener("playing", () => this.events.playing(), { signal });
    this.audio.addEventListener("error", () => this.rebuild(), { signal });
    const timer = setInterval(() => this.look(), LOOK_MS);
    signal.addEventListener("abort", () => {
      clearInterval(timer);
      this.line.close();
    });
    void this.line.run();
  }

  stop(): void {
    this.ending.abort();
    this.deck?.close();
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  /** Seconds behind the house's clock, steps left out; the element's time counts from the run's epoch. */
  latencyS(houseUs: number, epochUs: number): number | null {
    if (!this.started || epochUs === 0) return null;
    return (houseUs - epochUs) / 1e6 - this.audio.currentTime;
  }

  /** Skips what is left of a wait between two tries. */
  retryNow(): void {
    this.line.retryNow();
  }

  /** Playback goes on after a pause that was not ours: from the newest sound. */
  resumed(): void {
    this.pace.restart();
  }

  private troubled(trouble: Trouble, attempt: number, retryMs: number): void {
    this.lost = true;
    this.moved();
    this.events.trouble(trouble, attempt, retryMs);
  }

  private take(piece: Piece, burst: boolean): void {
    switch (piece.kind) {
      case "notices":
        return this.noticed(piece.notices, burst);
      case "head":
        this.head = piece.bytes;
        this.deck?.append(piece.bytes);
        return;
      case "fragment":
        this.events.alive();
        this.found();
        if (piece.span.endS < this.newestEndS - BACKWARD_S) this.newTimeline();
        // Another edge's burst repeats what is already here: the same bytes on the same grid.
        else if (piece.span.endS <= this.newestEndS) return;
        this.newestEndS = piece.span.endS;
        this.pace.arrived(piece.span.endS - piece.span.startS, piece.span.endS, nowS(), burst);
        this.deck?.append(piece.bytes);
    }
  }

  /** What an edge says to its own listeners counts at once; the rest when its moment is heard. */
  private noticed(notices: readonly Notice[], burst: boolean): void {
    for (const notice of notices) {
      if (notice.kind === "tick") this.announced(notice);
      else if (notice.kind === "move") this.told(notice);
      else if (!burst || !this.repeated(notice)) this.kept(notice);
    }
  }

  /** A burst that repeats the sound repeats what was said with it. */
  private repeated({ ptsSamples }: Notice): boolean {
    const ptsS = ptsSamples / SAMPLE_RATE_HZ;
    return ptsS < this.newestEndS && ptsS >= this.newestEndS - BACKWARD_S;
  }

  private kept(notice: Notice): void {
    for (const over of this.due.add([notice])) this.events.notice(over);
  }

  private announced({ body }: Notice): void {
    this.pace.announced(Number(body["messages"]), Number(body["from"]) / SAMPLE_RATE_HZ);
  }

  private told({ body }: Notice): void {
    const { within_s: withinS } = body;
    if (typeof withinS === "number") this.line.move(withinS);
  }

  /** The edge that is moved to may take over: no hole, and enough sound for its tick. */
  private fits({ startS, endS }: Span, burst: boolean): boolean {
    if (startS > this.newestEndS + HOLE_S) return false;
    const tickS = burst ? tickOfBurst(endS - startS) : endS - startS;
    if (tickS <= this.pace.rhythm.tickS + HOLE_S || !this.started) return true;
    if (this.pace.readyFor(tickS, this.looked(this.deck))) return true;
    // The usual burst may be of a shorter tick too: the next fragment tells.
    if (burst && tickS <= USUAL_TICK_S) return false;
    if (!this.preparing) this.pace.announced(tickS / MESSAGE_S, this.newestEndS + PREPARE_S);
    this.preparing = true;
    return false;
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
    this.pace.rhythm.connected();
    this.pace.restart();
  }

  private look(): void {
    const deck = this.deck;
    if (deck === null) return;
    if (deck.broken) return this.rebuild();
    const look = this.looked(deck);
    const { currentS } = look;
    const step = this.pace.step(look);
    if (step.seekToS !== null) this.seek(step.seekToS);
    else if (this.stuck(currentS, deck)) this.pace.restart();
    if (this.audio.playbackRate !== step.rate) this.audio.playbackRate = step.rate;
    if (step.trimBeforeS !== null) deck.trim(step.trimBeforeS);
    if (this.started) for (const notice of this.due.take(currentS)) this.events.notice(notice);
  }

  private moved(): void {
    this.preparing = false;
    this.pace.rhythm.connected();
  }

  private looked(deck: Sink | null): Look {
    const { newestEndS } = this;
    return { nowS: nowS(), currentS: this.audio.currentTime, ranges: deck?.ranges ?? [], newestEndS };
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
    this.pace.stalled(nowS());
    this.events.stalled();
  }

  private build(): void {
    const { codec } = this.wanted;
    this.deck = this.tools.deck(this.audio, () => this.look(), codec);
    if (this.deck === null && codec !== "aac") {
      this.wanted.codec = "aac";
      this.deck = this.tools.deck(this.audio, () => this.look(), "aac");
    }
    if (this.deck === null) return this.giveUp();
    if (this.head !== null) this.deck.append(this.head);
    play(this.audio, () => this.events.blocked());
  }

  private rebuild(): void {
    if (this.ended || this.deck === null) return;
    // A decoder that does not take Opus after all: the baseline, by a new connection.
    if (this.plainer()) return this.line.again();
    this.broken += 1;
    if (this.broken >= BROKEN_DECKS_MAX) {
      this.deck.close();
      this.deck = null;
      return this.giveUp();
    }
    this.renew();
  }

  /** Falls back to AAC for the rest of the visit; false where that is what plays. */
  private plainer(): boolean {
    if (this.wanted.codec === "aac" || this.ended) return false;
    this.wanted.codec = "aac";
    this.head = null;
    this.due.clear();
    this.renew();
    return true;
  }

  /** Another decoder, which begins anew. */
  private renew(): void {
    this.deck?.close();
    this.deck = null;
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
}

function nowS(): number {
  return performance.now() / 1000;
}

/** Starts the element; a browser without a gesture refuses, and the page then offers its button. */
export function play(audio: HTMLAudioElement, blocked: () => void): void {
  audio.play().catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "NotAllowedError") blocked();
  });
}
