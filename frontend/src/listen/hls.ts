// Plays through hls.js, which is loaded only here.
import Hls, { Events, type FragParsingMetadataData } from "hls.js/light";
import { retryDelayMs } from "../push/backoff";
import { DueNotices } from "../push/due";
import { readId3 } from "../push/notice";
import { type Player, type PlayerEvents, play } from "./player";

/** Fatal errors without a sound before another way of playing is used. */
export const FATAL_MAX = 3;

/** How often due notices are looked for. */
const LOOK_MS = 100;

export class HlsPlayer implements Player {
  stalls = 0;
  readonly jumps = 0;
  connections = 0;
  base = "";
  private hls: Hls | null = null;
  private heard = false;
  private fatal = 0;
  private attempt = 0;
  private readonly due = new DueNotices();
  private readonly ending = new AbortController();

  constructor(
    private readonly space: string,
    private readonly audio: HTMLAudioElement,
    private readonly events: PlayerEvents,
  ) {}

  start(): void {
    const { signal } = this.ending;
    this.audio.addEventListener("playing", () => this.playing(), { signal });
    this.audio.addEventListener("waiting", () => this.waited(), { signal });
    const timer = setInterval(() => this.look(), LOOK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    void this.open();
  }

  stop(): void {
    this.ending.abort();
    this.hls?.destroy();
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  latencyS(houseUs: number): number | null {
    const playing = this.hls?.playingDate?.getTime();
    return playing === undefined ? null : houseUs / 1e6 - playing / 1000;
  }

  private async open(): Promise<void> {
    const bases = await this.events.bases();
    if (this.ending.signal.aborted) return;
    this.base = bases[this.connections % bases.length] ?? "";
    this.connections += 1;
    this.hls?.destroy();
    // A worker from a blob would need a looser content security policy.
    const hls = new Hls({ enableWorker: false, lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.04, backBufferLength: 30 });
    this.hls = hls;
    hls.on(Events.FRAG_PARSING_METADATA, (_name, data) => this.parsed(data));
    hls.on(Events.ERROR, (_name, data) => {
      if (data.fatal) this.failed();
    });
    hls.loadSource(`${this.base}/live/${this.space}/master.m3u8`);
    hls.attachMedia(this.audio);
    play(this.audio, () => this.events.blocked());
  }

  private parsed(data: FragParsingMetadataData): void {
    for (const sample of data.samples) {
      const notices = readId3(sample.data as Uint8Array<ArrayBuffer>);
      // hls.js moves the programme to its own timeline; the sample's pts is on that one.
      const moved = notices.map((one) => ({ ...one, ptsSamples: sample.pts * 48_000 }));
      for (const notice of this.due.add(moved)) this.events.notice(notice);
    }
  }

  private look(): void {
    if (!this.heard) return;
    for (const notice of this.due.take(this.audio.currentTime)) this.events.notice(notice);
  }

  private playing(): void {
    this.heard = true;
    this.attempt = 0;
    this.fatal = 0;
    this.events.playing();
  }

  private waited(): void {
    if (!this.heard || this.audio.seeking) return;
    this.stalls += 1;
    this.events.stalled();
  }

  private failed(): void {
    this.fatal += 1;
    if (this.fatal >= FATAL_MAX && !this.heard) {
      this.events.gaveUp("");
      return;
    }
    const retryMs = retryDelayMs(this.attempt, Math.random());
    this.attempt += 1;
    this.events.trouble({ why: "lost", sentence: "" }, this.attempt, retryMs);
    setTimeout(() => void (this.ending.signal.aborted || this.open()), retryMs);
  }
}
