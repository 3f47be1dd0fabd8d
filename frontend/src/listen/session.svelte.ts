// One listener: which space, what is heard, what goes wrong, and what the page does about it.
import { HouseClock } from "../push/clock";
import { mediaSourceClass } from "../push/deck";
import type { Notice } from "../push/notice";
import { PushPlayer, type Trouble } from "../push/player";
import { sentenceOf } from "../push/stream";
import { after, doorsOpen, isOver, readSpace, type Space } from "../common/space";
import { Directory } from "./directory";
import { PlainPlayer } from "./plain";
import type { Player, PlayerEvents } from "./player";
import { isApple, order, type Transport } from "./transport";

/** Where no notices come, the state is asked for every 10 s ± 5 s. */
export const ASK_MS = 10_000;
export const ASK_SPREAD_MS = 5_000;

/** After this long without a notice the page asks by itself again. */
export const QUIET_MAX_MS = 15_000;

/** An answer that takes longer counts as none. */
export const ANSWER_MAX_MS = 5_000;

export type Phase = "idle" | "armed" | "connecting" | "playing" | "stalled" | "reconnecting" | "blocked" | "failed";

export class Session {
  space = $state.raw<Space | null>(null);
  phase = $state<Phase>("idle");
  trouble = $state.raw<Trouble | null>(null);
  attempt = $state(0);
  retryAtMs = $state(0);
  latencyS = $state<number | null>(null);
  houseUs = $state(Date.now() * 1000);
  transport = $state<Transport | null>(null);
  /** The house knows no such space; its own sentence. */
  unknown = $state<string | null>(null);
  askFailed = $state(false);
  askAgainMs = $state(0);
  houseText = $state("");
  uneven = $state(false);

  private readonly clock = new HouseClock();
  private readonly directory: Directory;
  private player: Player | null = null;
  private ways: Transport[] = [];
  private noticedMs = Number.NEGATIVE_INFINITY;
  private stalledMs = Number.NEGATIVE_INFINITY;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly notices: Record<string, number> = {};

  constructor(
    readonly id: string,
    private readonly audio: HTMLAudioElement,
    private readonly page: URL,
  ) {
    this.directory = new Directory(page, crypto.getRandomValues(new Uint32Array(4)).join("-"));
    setInterval(() => this.second(), 500);
  }

  /** Begins with what the edge wrote into the page, if it did. */
  begin(written: string | null): void {
    if (written === null || !this.readWritten(written)) void this.ask();
    else this.askLater();
  }

  /** The big button. Runs inside the user's gesture. */
  toggle(): void {
    if (this.phase === "blocked") {
      void this.audio.play();
      this.phase = "connecting";
    } else if (this.phase === "idle" || this.phase === "failed") this.listen();
    else this.rest();
  }

  listen(): void {
    if (this.space !== null && isOver(this.space.state)) return;
    this.ways = order({
      mse: mediaSourceClass() !== null,
      nativeHls: this.audio.canPlayType("application/vnd.apple.mpegurl") !== "",
      mp3: this.audio.canPlayType("audio/mpeg") !== "",
      apple: isApple(navigator.userAgent, navigator.platform, navigator.maxTouchPoints),
      wanted: this.page.searchParams.get("transport") ?? "",
    });
    if (this.space !== null && !doorsOpen(this.space.state)) this.phase = "armed";
    else this.connect();
  }

  /** Pause: the connection is given back, so that the head count stays true. */
  rest(): void {
    this.player?.stop();
    this.player = null;
    this.phase = "idle";
    this.trouble = null;
    this.latencyS = null;
    this.askLater();
  }

  retryNow(): void {
    if (this.player instanceof PushPlayer) this.player.retryNow();
  }

  facts(): Record<string, unknown> {
    const { phase, transport, latencyS, attempt } = this;
    const { stalls = 0, jumps = 0, connections = 0, base = "" } = this.player ?? {};
    const { currentTime, playbackRate } = this.audio;
    return {
      ...{ phase, transport, latency_s: latencyS, attempt, stalls, jumps, connections, base },
      ...{ current_s: currentTime, rate: playbackRate, notices: { ...this.notices } },
      ...{ state: this.space?.state ?? null, listening: this.space?.listening ?? null },
      ...{ people: this.space?.people ?? [], house_us: this.nowUs() },
    };
  }

  private connect(): void {
    const way = this.ways.shift();
    this.transport = way ?? null;
    if (way === undefined) {
      this.phase = "failed";
      return;
    }
    this.phase = "connecting";
    const events = this.events();
    if (way === "hlsjs") void this.connectHls(events);
    else this.begun(this.made(way, events));
  }

  private made(way: Exclude<Transport, "hlsjs">, events: PlayerEvents): Player {
    if (way === "push") return new PushPlayer(this.id, this.audio, events);
    const name = way === "native" ? "master.m3u8" : "stream.mp3";
    return new PlainPlayer(`/live/${this.id}/${name}`, this.audio, events);
  }

  private async connectHls(events: PlayerEvents): Promise<void> {
    try {
      const { HlsPlayer } = await import("./hls");
      if (this.phase === "connecting") this.begun(new HlsPlayer(this.id, this.audio, events));
    } catch {
      this.connect();
    }
  }

  private begun(player: Player): void {
    this.player = player;
    player.start();
  }

  private events(): PlayerEvents {
    return {
      bases: () => this.directory.bases(),
      notice: (notice) => this.noticed(notice),
      playing: () => this.playing(),
      stalled: () => this.stalled(),
      blocked: () => (this.phase = "blocked"),
      trouble: (trouble, attempt, retryMs) => this.troubled(trouble, attempt, retryMs),
      gaveUp: () => {
        this.player?.stop();
        this.player = null;
        this.connect();
      },
    };
  }

  private playing(): void {
    // After a loss the run may be another one: its epoch decides what the latency is.
    if (this.trouble !== null) void this.ask();
    this.phase = "playing";
    this.trouble = null;
    this.attempt = 0;
  }

  private stalled(): void {
    this.stalledMs = performance.now();
    if (this.phase === "playing") this.phase = "stalled";
  }

  private troubled(trouble: Trouble, attempt: number, retryMs: number): void {
    if (this.space !== null && isOver(this.space.state)) return this.rest();
    this.trouble = trouble;
    this.attempt = attempt;
    this.retryAtMs = performance.now() + retryMs;
    this.phase = "reconnecting";
    if (trouble.why === "closed" || trouble.why === "refused") void this.ask();
  }

  private noticed(notice: Notice): void {
    this.noticedMs = performance.now();
    this.notices[notice.kind] = (this.notices[notice.kind] ?? 0) + 1;
    if (notice.kind === "house") this.houseText = String(notice.body["text"] ?? "");
    if (this.space !== null) this.become(after(this.space, notice));
  }

  private become(space: Space): void {
    this.space = space;
    if (isOver(space.state) && this.phase !== "idle") this.rest();
    else if (doorsOpen(space.state) && this.phase === "armed") this.connect();
  }

  private second(): void {
    this.houseUs = this.nowUs();
    const heard = this.phase === "playing" && !this.audio.paused;
    const epochUs = this.space?.epochUtcUs ?? 0;
    const latency = heard ? (this.player?.latencyS(this.houseUs, epochUs) ?? null) : null;
    this.latencyS = latency !== null && latency > -1 && latency < 600 ? Math.max(0, latency) : null;
    this.uneven = performance.now() - this.stalledMs < 20_000;
  }

  private nowUs(): number {
    return this.clock.nowUtcUs(performance.now(), Date.now());
  }

  private readWritten(written: string): boolean {
    const value = parsed(written);
    const space = readSpace(value);
    if (space === null) return false;
    const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    if (entry !== undefined) this.tell(value, entry.requestStart, entry.responseStart);
    this.become(space);
    return true;
  }

  private async ask(): Promise<void> {
    clearTimeout(this.timer);
    const asked = performance.now();
    try {
      const url = new URL(`/live/${this.id}/state.json`, this.page);
      const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MAX_MS), cache: "no-store" });
      const received = performance.now();
      if (response.status === 404) this.unknown = await sentenceOf(response);
      const space = response.ok ? this.answered(await response.json(), asked, received) : null;
      this.askFailed = space === null && this.unknown === null;
    } catch {
      this.askFailed = true;
    }
    this.askLater();
  }

  private answered(value: unknown, asked: number, received: number): Space | null {
    const space = readSpace(value);
    if (space === null) return null;
    this.unknown = null;
    this.tell(value, asked, received);
    this.become(space);
    return space;
  }

  private tell(value: unknown, asked: number, received: number): void {
    const now = (value as { now_utc_us?: unknown }).now_utc_us;
    if (typeof now === "number") this.clock.sample(now, asked, received);
    this.houseUs = this.nowUs();
  }

  private askLater(): void {
    clearTimeout(this.timer);
    if (this.space !== null && isOver(this.space.state)) return;
    const waitMs = ASK_MS + (Math.random() * 2 - 1) * ASK_SPREAD_MS;
    this.askAgainMs = performance.now() + waitMs;
    this.timer = setTimeout(() => {
      if (performance.now() - this.noticedMs > QUIET_MAX_MS) void this.ask();
      else this.askLater();
    }, waitMs);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
