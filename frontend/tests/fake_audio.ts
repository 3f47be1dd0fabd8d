// An audio element without a browser: it plays when it is told to, and says what it was told.

export class FakeAudio extends EventTarget {
  currentTime = 0;
  playbackRate = 1;
  readyState = 4;
  paused = true;
  ended = false;
  seeking = false;
  disableRemotePlayback = false;
  /** What `play` is refused with, as by a browser that saw no gesture. */
  refuses: string | null = null;
  plays = 0;
  readonly seekable = { length: 0, end: (): number => Number.NaN };
  /** Sources it was given, in order. */
  readonly sources: string[] = [];
  private source: string | null = null;

  get src(): string {
    return this.source ?? "";
  }

  set src(value: string) {
    this.source = value;
    this.sources.push(value);
    // The load algorithm pauses without an event (HTML, 4.8.11.5).
    this.paused = true;
  }

  getAttribute(): string | null {
    return this.source;
  }

  removeAttribute(): void {
    this.source = null;
  }

  load(): void {
    this.paused = true;
  }

  canPlayType(type: string): string {
    return type === "audio/mpeg" ? "maybe" : "";
  }

  play(): Promise<void> {
    this.plays += 1;
    if (this.refuses !== null) return Promise.reject(new DOMException("", this.refuses));
    if (this.paused) this.later("play");
    this.paused = false;
    return Promise.resolve();
  }

  pause(): void {
    if (!this.paused) this.later("pause");
    this.paused = true;
  }

  /** Says `type` at once, as the browser's next task would. */
  say(type: string): void {
    this.dispatchEvent(new Event(type));
  }

  get element(): HTMLAudioElement {
    return this as unknown as HTMLAudioElement;
  }

  private later(type: string): void {
    queueMicrotask(() => this.say(type));
  }
}
