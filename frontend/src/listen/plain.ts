// Plays an address that the browser itself understands: native HLS, or MP3 as the last resort.
import { Comeback } from "./comeback";
import { type Player, type PlayerEvents, play } from "./player";

/** Sound may stand still this long before the address is opened again. */
export const STILL_MAX_MS = 12_000;

/** How often it is looked whether sound stands still. */
const LOOK_MS = 1_000;

type SafariAudio = HTMLAudioElement & { getStartDate?: () => Date };

export class PlainPlayer implements Player {
  stalls = 0;
  readonly jumps = 0;
  connections = 0;
  base = "";
  private readonly ending = new AbortController();
  private readonly comeback: Comeback;
  private heard = false;
  private last = { currentS: -1, atMs: 0 };

  constructor(
    private readonly path: string,
    private readonly audio: HTMLAudioElement,
    private readonly events: PlayerEvents,
  ) {
    this.comeback = new Comeback(audio, events, (attempt) => void this.reopen(attempt));
  }

  start(): void {
    const { signal } = this.ending;
    this.audio.addEventListener("playing", () => this.playing(), { signal });
    this.audio.addEventListener("waiting", () => this.waited(), { signal });
    this.audio.addEventListener("error", () => this.failed("lost"), { signal });
    // A house that goes on never ends its stream.
    this.audio.addEventListener("ended", () => this.failed("closed"), { signal });
    const timer = setInterval(() => this.watch(), LOOK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    // The page's own origin first: the source has to be set inside the gesture.
    this.open(location.origin);
  }

  stop(): void {
    this.ending.abort();
    this.comeback.stop();
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  retryNow(): void {
    this.comeback.now();
  }

  resumed(): void {
    if (this.comeback.resumed()) return;
    const { seekable } = this.audio;
    const live = seekable.length > 0 ? seekable.end(seekable.length - 1) : Number.NaN;
    // A plain stream cannot be sought: it goes on where it was, unless it is opened anew.
    if (this.path.includes(".m3u8") && Number.isFinite(live)) this.audio.currentTime = live;
    else this.open(this.base);
  }

  latencyS(houseUs: number): number | null {
    const start = (this.audio as SafariAudio).getStartDate?.().getTime() ?? Number.NaN;
    if (Number.isNaN(start) || !this.heard) return null;
    return houseUs / 1e6 - start / 1000 - this.audio.currentTime;
  }

  private open(base: string): void {
    this.connections += 1;
    this.base = base;
    this.last.atMs = performance.now();
    this.audio.src = `${base}${this.path}`;
    play(this.audio, () => this.events.blocked());
  }

  private playing(): void {
    this.heard = true;
    this.comeback.played();
    this.events.playing();
  }

  private waited(): void {
    if (!this.heard) return;
    this.stalls += 1;
    this.events.stalled();
  }

  private watch(): void {
    const { currentTime, paused } = this.audio;
    const nowMs = performance.now();
    if (currentTime !== this.last.currentS || paused) this.last = { currentS: currentTime, atMs: nowMs };
    else if (nowMs - this.last.atMs > STILL_MAX_MS) {
      this.last.atMs = nowMs;
      this.failed("silent");
    }
  }

  private failed(why: "lost" | "silent" | "closed"): void {
    if (this.audio.getAttribute("src") !== null) void this.comeback.failed(why);
  }

  private async reopen(attempt: number): Promise<void> {
    const bases = await this.events.bases();
    if (!this.ending.signal.aborted) this.open(bases[attempt % bases.length] ?? location.origin);
  }
}
