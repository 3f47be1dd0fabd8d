// Plays through hls.js, which is loaded only here.
import Hls, { Events, type FragParsingMetadataData } from "hls.js/light";
import { DueNotices } from "../push/due";
import { readId3 } from "../push/notice";
import { SAMPLE_RATE_HZ } from "../push/grid";
import { Comeback } from "./comeback";
import { type Player, type PlayerEvents, play, type Wanted } from "./player";

/** How often due notices are looked for. */
const LOOK_MS = 100;

// A worker from a blob would need a looser content security policy.
// Parts, a gentle catch-up that nobody hears, and no more behind than a listener who seeks needs.
const SETTINGS = { enableWorker: false, lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.05, backBufferLength: 30 };

export class HlsPlayer implements Player {
  stalls = 0;
  readonly jumps = 0;
  connections = 0;
  base = "";
  private hls: Hls | null = null;
  private heard = false;
  private readonly comeback: Comeback;
  private readonly due = new DueNotices();
  private readonly ending = new AbortController();

  constructor(
    private readonly wanted: Pick<Wanted, "space" | "query">,
    private readonly audio: HTMLAudioElement,
    private readonly events: PlayerEvents,
    private readonly made: () => Hls = () => new Hls({ ...SETTINGS, xhrSetup: asking(wanted.query) }),
  ) {
    this.comeback = new Comeback(audio, events, () => void this.open());
  }

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
    this.comeback.stop();
    this.close();
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  retryNow(): void {
    this.comeback.now();
  }

  resumed(): void {
    const newestS = this.hls?.liveSyncPosition ?? null;
    if (!this.comeback.resumed() && newestS !== null) this.audio.currentTime = newestS;
  }

  latencyS(houseUs: number): number | null {
    const playing = this.hls?.playingDate?.getTime();
    return playing === undefined ? null : houseUs / 1e6 - playing / 1000;
  }

  private async open(): Promise<void> {
    const bases = await this.events.bases();
    if (this.ending.signal.aborted) return;
    this.close();
    this.base = bases[this.connections % bases.length] ?? "";
    this.connections += 1;
    const hls = this.made();
    this.hls = hls;
    hls.on(Events.FRAG_PARSING_METADATA, (_name, data) => this.parsed(data));
    hls.on(Events.FRAG_BUFFERED, () => this.events.alive());
    hls.on(Events.ERROR, (_name, data) => {
      if (data.fatal && hls === this.hls) this.failed();
    });
    const { space, query } = this.wanted;
    hls.loadSource(`${this.base}/live/${space}/master.m3u8${query}`);
    hls.attachMedia(this.audio);
    play(this.audio, () => this.events.blocked());
  }

  private parsed(data: FragParsingMetadataData): void {
    for (const sample of data.samples) {
      const notices = readId3(sample.data as Uint8Array<ArrayBuffer>);
      // hls.js moves the programme to its own timeline; the sample's pts is on that one.
      const moved = notices.map((one) => ({ ...one, ptsSamples: sample.pts * SAMPLE_RATE_HZ }));
      for (const notice of this.due.add(moved)) this.events.notice(notice);
    }
  }

  private look(): void {
    if (!this.heard) return;
    for (const notice of this.due.take(this.audio.currentTime)) this.events.notice(notice);
  }

  private playing(): void {
    this.heard = true;
    this.comeback.played();
    this.events.playing();
  }

  private waited(): void {
    if (!this.heard || this.audio.seeking) return;
    this.stalls += 1;
    this.events.stalled();
  }

  /** What failed is closed at once: it would go on loading, and fail again, beside the next one. */
  private failed(): void {
    void this.comeback.failed("lost");
    this.close();
  }

  private close(): void {
    const before = this.hls;
    this.hls = null;
    // The next one has a timeline of its own.
    this.due.clear();
    before?.destroy();
  }
}

/** Playlists are asked for as this listener; segments are the same for all, and so is their address. */
function asking(query: string): (xhr: XMLHttpRequest, url: string) => void {
  return (xhr, url) => {
    const whole = askedBy(query, url);
    if (whole !== url) xhr.open("GET", whole, true);
  };
}

export function askedBy(query: string, address: string): string {
  const url = new URL(address);
  if (!url.pathname.endsWith(".m3u8")) return address;
  for (const [name, value] of new URLSearchParams(query)) url.searchParams.set(name, value);
  return url.href;
}
