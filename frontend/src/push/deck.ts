// The browser's side of the push player: one MediaSource, one SourceBuffer, one audio element.
import { type Codec, mimeOf } from "./codec";
import type { Range } from "./pace";

/** Appends that may wait for the browser; a healthy one is done in a few milliseconds. */
export const APPENDS_WAITING_MAX = 64;

type MediaSourceClass = typeof MediaSource;

/** The browser's MediaSource, or ManagedMediaSource where only that exists (iPhone); null without AAC. */
export function mediaSourceClass(): MediaSourceClass | null {
  return made("aac")?.kind ?? null;
}

/** What takes `codec` here, and how it spells it. */
export function made(codec: Codec): { readonly kind: MediaSourceClass; readonly mime: string } | null {
  const scope = globalThis as { ManagedMediaSource?: MediaSourceClass; MediaSource?: MediaSourceClass };
  const kind = scope.MediaSource ?? scope.ManagedMediaSource;
  const mime = mimeOf(codec, (spelt) => kind?.isTypeSupported(spelt) === true);
  return kind === undefined || mime === null ? null : { kind, mime };
}

/** Where the push player puts the sound. */
export interface Sink {
  /** Set once the browser refuses to go on; a new one has to be built. */
  readonly broken: boolean;
  readonly ranges: Range[];
  append(bytes: Uint8Array<ArrayBuffer>): void;
  /** Cuts away what was played. */
  trim(beforeS: number): void;
  /** Forgets everything buffered: the timeline is a new one. */
  empty(): void;
  close(): void;
}

export class Deck implements Sink {
  broken = false;
  private readonly source: MediaSource;
  private readonly url: string;
  private buffer: SourceBuffer | null = null;
  private waiting: Uint8Array<ArrayBuffer>[] = [];
  private removal: { from: number; to: number } | null = null;

  constructor(
    private readonly audio: HTMLAudioElement,
    kind: MediaSourceClass,
    private readonly mime: string,
    private readonly changed: () => void,
  ) {
    this.source = new kind();
    this.url = URL.createObjectURL(this.source);
    // ManagedMediaSource opens only where remote playback is off (WebKit 17.1).
    audio.disableRemotePlayback = true;
    audio.src = this.url;
    this.source.addEventListener("sourceopen", () => this.opened(), { once: true });
  }

  get ranges(): Range[] {
    if (this.buffer === null || this.source.readyState !== "open") return [];
    const { buffered } = this.buffer;
    return Array.from({ length: buffered.length }, (_, i) => ({
      start: buffered.start(i),
      end: buffered.end(i),
    }));
  }

  append(bytes: Uint8Array<ArrayBuffer>): void {
    this.waiting.push(bytes);
    if (this.waiting.length > APPENDS_WAITING_MAX) this.waiting.splice(1, 1);
    this.pump();
  }

  trim(beforeS: number): void {
    const first = this.ranges[0];
    if (first === undefined || beforeS <= first.start) return;
    this.removal = { from: 0, to: beforeS };
    this.pump();
  }

  empty(): void {
    this.waiting = [];
    this.removal = { from: 0, to: Number.POSITIVE_INFINITY };
    this.pump();
  }

  close(): void {
    this.broken = true;
    URL.revokeObjectURL(this.url);
  }

  private opened(): void {
    try {
      this.buffer = this.source.addSourceBuffer(this.mime);
    } catch {
      this.broken = true;
      return;
    }
    this.buffer.addEventListener("updateend", () => this.pump());
    this.buffer.addEventListener("error", () => (this.broken = true));
    this.pump();
  }

  private pump(): void {
    const buffer = this.buffer;
    if (buffer === null || buffer.updating || this.broken) return;
    if (this.source.readyState !== "open") return;
    try {
      this.next(buffer);
    } catch (error) {
      if (isQuota(error)) this.trim(this.audio.currentTime - 1);
      else this.broken = true;
    }
    this.changed();
  }

  private next(buffer: SourceBuffer): void {
    if (this.removal !== null) {
      const { from, to } = this.removal;
      this.removal = null;
      buffer.remove(from, to);
      return;
    }
    const bytes = this.waiting[0];
    if (bytes === undefined) return;
    buffer.appendBuffer(bytes);
    this.waiting.shift();
  }
}

function isQuota(error: unknown): boolean {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}
