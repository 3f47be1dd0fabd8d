// One listener: which space, what is heard, what goes wrong, and what the page does about it.
import { retryDelayMs } from "../push/backoff";
import { HouseClock, SAMPLE_AGE_MAX_MS } from "../push/clock";
import type { Notice } from "../push/notice";
import { codecFor } from "../push/codec";
import { play } from "../push/player";
import type { Trouble } from "../push/trouble";
import type { Told } from "../common/codes";
import { after, doorsOpen, isOver, type Space } from "../common/space";
import { type Answer, askState, stateIn } from "./asking";
import { Directory } from "./directory";
import { listenerId, queryOf } from "./listener";
import type { Player, PlayerEvents, Wanted } from "./player";
import { type Players, PLAYERS } from "./players";
import { unlock } from "./silence";
import type { Transport } from "./transport";

/** Where no notices come, the state is asked for every 10 s ± 5 s. */
export const ASK_MS = 10_000;
export const ASK_SPREAD_MS = 5_000;

/** After this long without sound that carries notices the page asks by itself again. */
export const QUIET_MAX_MS = 15_000;

/** An audience that came at one moment does not ask for the time at one moment. */
export const CLOCK_AGE_SPREAD = 0.5;

/** When a whole audience loses its stream at once, their questions are spread over this time. */
export const ASK_SOON_MS = 3_000;

/** When no way of playing works, all are tried again: first within 4 s, later within a minute. */
export const FAILED_RETRY_FROM = 3;
export const FAILED_RETRY_MAX_MS = 60_000;

/** Heads are counted by connections: one whose device holds the sound back longer gives it back. */
export const PAUSED_MAX_MS = 300_000;

export type Phase =
  | "idle"
  | "armed"
  | "connecting"
  | "playing"
  | "stalled"
  | "reconnecting"
  | "blocked"
  | "paused"
  | "failed";

export class Session {
  space = $state.raw<Space | null>(null);
  phase = $state<Phase>("idle");
  trouble = $state.raw<Trouble | null>(null);
  attempt = $state(0);
  retryAtMs = $state(0);
  latencyS = $state<number | null>(null);
  houseUs = $state(Date.now() * 1000);
  transport = $state<Transport | null>(null);
  /** There was sound since the person pressed Listen. */
  heard = $state(false);
  /** The house knows no such space. */
  unknown = $state(false);
  askFailed = $state(false);
  askAgainMs = $state(0);
  /** What the house says of itself, until it takes it back. */
  house = $state.raw<Told | null>(null);
  uneven = $state(false);
  /** The edge had no room for push, and offered HLS for this press. */
  steadier = $state(false);
  /** The last second's reactions of everybody. */
  reactions = $state.raw<unknown>(null);
  /** The last caption and the last invitation, as they came. */
  caption = $state.raw<Notice["body"] | null>(null);
  invitation = $state.raw<Notice["body"] | null>(null);
  /** This listener is on stage, hears it there, and comes back to sound that never stopped. */
  onStage = $state(false);
  readonly listener = listenerId();
  readonly query: string;

  private readonly clock = new HouseClock();
  private readonly directory: Directory;
  private player: Player | null = null;
  /** Counts players: what one says after it was replaced is not heard. */
  private turn = 0;
  private ways: Transport[] = [];
  private wanted: Wanted | null = null;
  private failures = 0;
  private aliveMs = Number.NEGATIVE_INFINITY;
  private stalledMs = Number.NEGATIVE_INFINITY;
  /** The run may have changed; until the house has answered nobody knows how far behind this is. */
  private runDoubtful = false;
  private clockAgeMaxMs = SAMPLE_AGE_MAX_MS;
  private asking: ReturnType<typeof setTimeout> | undefined;
  private soon = false;
  /** The next try after a failure, or the end of a pause that was not the page's. */
  private later: ReturnType<typeof setTimeout> | undefined;
  private readonly notices: Record<string, number> = {};

  constructor(
    readonly id: string,
    private readonly audio: HTMLAudioElement,
    private readonly page: URL,
    private readonly players: Players = PLAYERS,
  ) {
    this.query = queryOf(this.listener, page);
    this.directory = new Directory(page, this.listener);
    setInterval(() => this.second(), 500);
    audio.addEventListener("pause", () => this.elementPaused());
    audio.addEventListener("play", () => this.elementPlays());
  }

  /** Begins with what the edge wrote into the page, if it did. */
  begin(written: string | null): void {
    const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    const value = written === null ? null : parsed(written);
    const answer = stateIn(value, entry?.requestStart ?? 0, entry?.responseStart ?? 0);
    if (answer.kind !== "space") return void this.ask();
    // Without the times of the page's own way here its clock says nothing.
    this.answered(entry === undefined ? { ...answer, nowUtcUs: null } : answer);
    this.askLater();
  }

  /** The big button. Runs inside the user's gesture. */
  toggle(): void {
    if (this.phase === "paused") play(this.audio, () => (this.phase = "blocked"));
    else if (this.phase === "blocked") {
      this.phase = "connecting";
      play(this.audio, () => (this.phase = "blocked"));
    } else if (this.phase === "idle" || this.phase === "failed") this.listen();
    else this.rest();
  }

  listen(): void {
    this.drop();
    this.steadier = false;
    if (this.space !== null && isOver(this.space.state)) return this.rest();
    this.ways = this.players.ways(this.audio, this.page);
    if (this.space === null || doorsOpen(this.space.state)) return this.connect();
    this.phase = "armed";
    unlock(this.audio);
  }

  /** Pause: the connection is given back, so that the head count stays true. */
  rest(): void {
    this.drop();
    this.phase = "idle";
    this.trouble = null;
    this.latencyS = null;
    this.heard = false;
    this.askLater();
  }

  /** On stage the programme runs on without sound: it would come back through the microphone. */
  stage(on: boolean): void {
    this.onStage = on;
    this.audio.muted = on;
  }

  retryNow(): void {
    if (this.phase === "failed") this.listen();
    else this.player?.retryNow();
  }

  /** The edge in use; "" where that is the page's own origin. */
  get base(): string {
    return this.player?.base ?? "";
  }

  facts(): Record<string, unknown> {
    const { phase, transport, latencyS, attempt } = this;
    const { stalls = 0, jumps = 0, connections = 0 } = this.player ?? {};
    const { currentTime, playbackRate } = this.audio;
    const { base } = this;
    const codec = this.wanted?.codec ?? null;
    return {
      ...{ phase, transport, latency_s: latencyS, attempt, stalls, jumps, connections, base, codec },
      ...{ current_s: currentTime, rate: playbackRate, notices: { ...this.notices } },
      ...{ state: this.space?.state ?? null, listening: this.space?.listening ?? null },
      ...{ people: this.space?.people ?? [], house_us: this.nowUs(), t0_us: this.space?.t0UtcUs ?? null },
    };
  }

  private connect(): void {
    this.drop();
    const way = this.ways.shift();
    this.transport = way ?? null;
    if (way === undefined) return this.failed();
    this.phase = "connecting";
    const turn = this.turn;
    const made = this.players.make(way, this.wants(), this.audio, this.events());
    if (!(made instanceof Promise)) return this.begun(made);
    made.then(
      (player) => {
        if (turn === this.turn) this.begun(player);
      },
      () => {
        if (turn === this.turn) this.connect();
      },
    );
  }

  /** A codec that failed once is not asked for again in this visit. */
  private wants(): Wanted {
    const codec = codecFor(this.space?.codecs ?? [], this.page.searchParams.get("codec"));
    this.wanted ??= { space: this.id, query: this.query, codec };
    return this.wanted;
  }

  /** Another way of playing that asks less of a busy edge; false where this device has none. */
  private useHls(): boolean {
    const ways = this.ways.filter((way) => way === "hlsjs" || way === "native");
    if (ways.length === 0) return false;
    this.ways = ways;
    this.steadier = true;
    this.connect();
    return true;
  }

  private begun(player: Player): void {
    this.player = player;
    player.start();
  }

  /** Nobody plays, and nobody who played is heard any more. */
  private drop(): void {
    const { player } = this;
    this.turn += 1;
    this.player = null;
    clearTimeout(this.later);
    player?.stop();
  }

  /** No way of playing works now. */
  private failed(): void {
    const retryMs = retryDelayMs(FAILED_RETRY_FROM + this.failures, Math.random(), FAILED_RETRY_MAX_MS);
    this.failures += 1;
    this.phase = "failed";
    this.attempt = this.failures;
    this.retryAtMs = performance.now() + retryMs;
    this.later = setTimeout(() => this.listen(), retryMs);
  }

  private events(): PlayerEvents {
    const { turn } = this;
    const mine =
      <Said extends unknown[]>(hear: (...said: Said) => void) =>
      (...said: Said): void => {
        if (turn === this.turn) hear(...said);
      };
    return {
      bases: (...leaving) => this.directory.bases(...leaving),
      houseAnswers: () => this.ask(),
      alive: mine(() => this.alive()),
      notice: mine((notice) => this.noticed(notice)),
      playing: mine(() => this.playing()),
      stalled: mine(() => this.stalled()),
      blocked: mine(() => (this.phase = "blocked")),
      trouble: mine((trouble, attempt, retryMs) => this.troubled(trouble, attempt, retryMs)),
      gaveUp: mine(() => this.connect()),
      useHls: () => turn === this.turn && this.useHls(),
    };
  }

  /** The device paused the element, for a call or another player: nothing here did. */
  private elementPaused(): void {
    const sounds = ["playing", "stalled", "reconnecting"].includes(this.phase);
    if (this.player === null || !this.audio.paused || this.audio.ended || !sounds) return;
    this.phase = "paused";
    this.later = setTimeout(() => this.rest(), PAUSED_MAX_MS);
  }

  /** The device, or the person, lets it go on. */
  private elementPlays(): void {
    if (this.phase !== "paused") return;
    clearTimeout(this.later);
    this.phase = this.trouble === null ? "connecting" : "reconnecting";
    this.player?.resumed();
  }

  private alive(): void {
    this.aliveMs = performance.now();
    // Nothing plays that could say so.
    if (this.phase === "paused") this.mended();
  }

  private mended(): void {
    if (this.trouble === null) return;
    this.trouble = null;
    // After a loss the run may be another one: its epoch decides what the latency is.
    this.runDoubtful = true;
    this.askSoon();
  }

  private playing(): void {
    this.mended();
    this.phase = "playing";
    this.attempt = 0;
    this.failures = 0;
    this.heard = true;
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
    if (this.phase !== "blocked" && this.phase !== "paused") this.phase = "reconnecting";
    if (trouble.why === "closed" || trouble.why === "refused") this.askSoon();
  }

  private noticed(notice: Notice): void {
    this.notices[notice.kind] = (this.notices[notice.kind] ?? 0) + 1;
    if (notice.kind === "house") this.house = toldBy(notice);
    if (notice.kind === "reactions") this.reactions = notice.body["counts"];
    if (notice.kind === "caption") this.caption = notice.body;
    if (notice.kind === "invitation") this.invitation = notice.body;
    if (this.space !== null) this.become(after(this.space, notice));
  }

  private become(space: Space): void {
    this.space = space;
    if (isOver(space.state) && this.phase !== "idle") this.rest();
    else if (doorsOpen(space.state) && this.phase === "armed") this.connect();
  }

  private second(): void {
    this.houseUs = this.nowUs();
    const heard = this.phase === "playing" && !this.audio.paused && !this.runDoubtful;
    const { epochUtcUs = 0, steppedUs = 0 } = this.space ?? {};
    const latency = heard ? (this.player?.latencyS(this.houseUs - steppedUs, epochUtcUs) ?? null) : null;
    this.latencyS = latency !== null && latency > -1 && latency < 600 ? Math.max(0, latency) : null;
    this.uneven = performance.now() - this.stalledMs < 20_000;
  }

  private nowUs(): number {
    return this.clock.nowUtcUs(performance.now(), Date.now());
  }

  /** True if the house answered, whatever it said. */
  private async ask(): Promise<boolean> {
    clearTimeout(this.asking);
    const answer = await askState(this.id, this.page);
    this.askFailed = answer.kind === "none";
    if (answer.kind === "space") this.answered(answer);
    if (answer.kind !== "none") this.unknown = answer.kind === "unknown";
    this.askLater();
    return answer.kind !== "none";
  }

  private answered(answer: Answer & { kind: "space" }): void {
    const { nowUtcUs, askedMs, receivedMs } = answer;
    if (this.space !== null && answer.space.steppedUs !== this.space.steppedUs) this.clock.stepped();
    if (nowUtcUs !== null) this.clock.sample(nowUtcUs, askedMs, receivedMs);
    this.clockAgeMaxMs = SAMPLE_AGE_MAX_MS * (1 + Math.random() * CLOCK_AGE_SPREAD);
    this.houseUs = this.nowUs();
    this.runDoubtful = false;
    this.become(answer.space);
  }

  private askLater(): void {
    this.soon = false;
    if (this.space !== null && isOver(this.space.state)) return clearTimeout(this.asking);
    this.askIn(ASK_MS + (Math.random() * 2 - 1) * ASK_SPREAD_MS, () => {
      if (this.owes(performance.now())) void this.ask();
      else this.askLater();
    });
  }

  /** There is something that no notice tells: all of it, which run this is, or what time it is. */
  private owes(nowMs: number): boolean {
    const old = this.clock.ageMs(nowMs) > this.clockAgeMaxMs;
    return this.runDoubtful || old || nowMs - this.aliveMs > QUIET_MAX_MS;
  }

  /** A whole audience may have the same question now; one that waits already waits no longer. */
  private askSoon(): void {
    if (this.soon) return;
    this.soon = true;
    this.askIn(Math.random() * ASK_SOON_MS, () => void this.ask());
  }

  private askIn(waitMs: number, then: () => void): void {
    clearTimeout(this.asking);
    this.askAgainMs = performance.now() + waitMs;
    this.asking = setTimeout(then, waitMs);
  }
}

/** The notice `house`: an empty text takes back what was said. */
function toldBy({ body }: Notice): Told | null {
  const { text, code } = body;
  if (typeof text !== "string" || text === "") return null;
  return { sentence: text, code: typeof code === "string" ? code : "" };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
