// Plays an address that the browser itself understands: native HLS, or MP3 as the last resort.
import { retryDelayMs } from "../push/backoff";
import { type Player, type PlayerEvents, play } from "./player";

/** Failures without a sound before another way of playing is used. */
export const FRUITLESS_MAX = 3;

/** Sound may stand still this long before the address is opened again. */
export const STILL_MAX_MS = 12_000;

type SafariAudio = HTMLAudioElement & { getStartDate?: () => Date };

export class PlainPlayer implements Player {
  stalls = 0;
  readonly jumps = 0;
  connections = 0;
  base = "";
  private readonly ending = new AbortController();
  private attempt = 0;
  private heard = false;
  private fruitless = 0;
  private lastS = -1;
  private lastMs = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly path: string,
    private readonly audio: HTMLAudioElement,
    private readonly events: PlayerEvents,
  ) {}

  start(): void {
    const { signal } = this.ending;
    this.audio.addEventListener("playing", () => this.playing(), { signal });
    this.audio.addEventListener("waiting", () => this.waited(), { signal });
    this.audio.addEventListener("error", () => this.failed(), { signal });
    this.audio.addEventListener("ended", () => this.failed(), { signal });
    const timer = setInterval(() => this.watch(), 1_000);
    signal.addEventListener("abort", () => clearInterval(timer));
    // The page's own origin first: the source has to be set inside the gesture.
    this.open(location.origin);
  }

  stop(): void {
    this.ending.abort();
    clearTimeout(this.retry);
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  latencyS(houseUs: number): number | null {
    const start = (this.audio as SafariAudio).getStartDate?.().getTime() ?? Number.NaN;
    if (Number.isNaN(start) || !this.heard) return null;
    return houseUs / 1e6 - start / 1000 - this.audio.currentTime;
  }

  private open(base: string): void {
    this.connections += 1;
    this.base = base;
    this.lastMs = performance.now();
    this.audio.src = `${base}${this.path}`;
    play(this.audio, () => this.events.blocked());
  }

  private playing(): void {
    this.heard = true;
    this.attempt = 0;
    this.fruitless = 0;
    this.events.playing();
  }

  private waited(): void {
    if (!this.heard) return;
    this.stalls += 1;
    this.events.stalled();
  }

  private watch(): void {
    const { currentTime, paused } = this.audio;
    const now = performance.now();
    if (currentTime !== this.lastS || paused) {
      this.lastS = currentTime;
      this.lastMs = now;
    } else if (now - this.lastMs > STILL_MAX_MS) {
      this.lastMs = now;
      this.failed();
    }
  }

  private failed(): void {
    if (this.ending.signal.aborted || this.audio.getAttribute("src") === null) return;
    clearTimeout(this.retry);
    this.fruitless += 1;
    if (this.fruitless >= FRUITLESS_MAX && !this.heard) {
      this.events.gaveUp("");
      return;
    }
    const retryMs = retryDelayMs(this.attempt, Math.random());
    this.attempt += 1;
    this.events.trouble({ why: "lost", sentence: "" }, this.attempt, retryMs);
    this.retry = setTimeout(() => void this.reopen(), retryMs);
  }

  private async reopen(): Promise<void> {
    const bases = await this.events.bases();
    if (!this.ending.signal.aborted) this.open(bases[this.attempt % bases.length] ?? location.origin);
  }
}
