// The state of the stage as its page shows it.
import { api, ApiError, type TicketFacts } from "../desk/api";
import type { Told } from "../common/codes";
import { isOver, STATES } from "../common/space";
import { forget, type Kept, keep, recall } from "./kept";
import { Hints } from "./hints.svelte";
import { type Audience, type Lines, NOBODY, NOTHING, type Queue } from "./hosting";
import { type Command, type Down, heardOf, type Seated, type StageView, type Where } from "./link";
import { type MicWord, micWord, mutingAfter, stillMuted } from "./muting";
import type { Own } from "./running";
import { type End, Seat } from "./seat";

export type Phase = "reading" | "badLink" | "check" | "joining" | "on" | "lost" | "off";

/** After so many refused tries the page looks whether the conversation is over. */
const TRIES_BEFORE_A_LOOK = 3;

/** The studio closes the link of who was banned, and within a second the desk makes another. */
const LINKS_AGAIN_MS = 2_000;

/** How long "you are back" stays. */
const BACK_MS = 3_000;

export class Room {
  phase = $state<Phase>("reading");
  facts = $state.raw<TicketFacts | null>(null);
  view = $state.raw<StageView | null>(null);
  levels = $state.raw<Readonly<Record<string, number>>>({});
  /** What hosts alone are told: hands, questions and poll, and everybody's connection. */
  queue = $state.raw<Queue>(NOBODY);
  audience = $state.raw<Audience>(NOTHING);
  lines = $state.raw<Lines>({});
  readonly hints = new Hints();
  mix = $state(-90);
  quality = $state.raw<{ lossPct: number; bufferMs: number } | null>(null);
  me = $state("");
  role = $state("");
  muted = $state(false);
  mutedByHost = $state(false);
  /** What the desk or the studio said last when it refused, or at the end. */
  told = $state.raw<Told | null>(null);
  refused = $state(false);
  /** A host took this person off: the link does not bring them back. */
  removed = $state(false);
  left = $state(false);
  attempt = $state(0);
  back = $state(false);
  soundBlocked = $state(false);
  /** Loudness of the others as they play here (dBFS). */
  heardDbfs = $state(-90);
  /** The microphone was unplugged or taken away. */
  micLost = $state(false);
  device = $state("");
  /** What the last command was refused with; `slow` where no answer came in time. */
  refusal = $state("");
  name = $state("");
  /** The name of the own photograph, once the house has it. */
  photoName = "";
  connections = 0;
  private seat: Seat | null = null;
  private track: MediaStreamTrack | null = null;
  private readonly audio = new Audio();
  /** Commands to mute or unmute that the studio has not answered yet. */
  private asking = 0;
  private lastLossMs = 0;
  lastGapMs = 0;

  /** `peers` makes connections in another way than by a link. */
  constructor(
    readonly ticket: string,
    private readonly peers?: ConstructorParameters<typeof Seat>[4],
  ) {
    this.audio.autoplay = true;
  }

  get isHost(): boolean {
    return (this.role || this.facts?.role) !== "speaker";
  }

  get mine(): Seated | undefined {
    return this.view?.people.find((person) => person.id === this.me);
  }

  /** Whether the audience would hear this person: on stage and not behind it. */
  get where(): Where {
    return this.mine?.where ?? "stage";
  }

  /** The address of somebody's photograph; "" where there is none. */
  photo(of: Seated): string {
    return of.photo && `/live/${this.facts?.space ?? ""}/photos/${of.photo}`;
  }

  /** What counts for the meaning of the conversation's state. */
  get own(): Own {
    const { muted, micLost, where } = this;
    return { connected: this.phase !== "lost", muted, micLost, where };
  }

  /** The word at the own microphone: it never says heard for who is not. */
  get mic(): MicWord {
    return micWord(this.muted, this.phase === "on" && !this.micLost, this.view?.state === "live" && this.where === "stage");
  }

  /** Whether the conversation has ended: there is no way back then. */
  get over(): boolean {
    const states: (string | undefined)[] = [this.view?.state, this.facts?.state];
    return STATES.some((one) => isOver(one) && states.includes(one));
  }

  /** Reads the link; what was kept when a reload has a seat to come back to. */
  async read(): Promise<Kept | null> {
    this.phase = "reading";
    this.told = null;
    this.left = this.refused = this.removed = false;
    this.view = null;
    try {
      this.facts = await api.ticket(this.ticket);
    } catch (error) {
      this.told = error instanceof ApiError ? error : null;
      this.refused = error instanceof ApiError && error.status >= 400 && error.status < 500;
      this.phase = "badLink";
      return null;
    }
    const kept = recall(this.ticket);
    this.name = kept?.name || this.facts.name || (await accountName());
    this.phase = this.over ? "off" : "check";
    return this.over ? null : kept;
  }

  join(track: MediaStreamTrack, muted: boolean): void {
    const { facts } = this;
    if (facts === null) return;
    this.seat?.end();
    const kept = recall(this.ticket);
    this.muted = muted;
    this.attempt = 0;
    this.speakInto(track);
    this.phase = "joining";
    const { space, ice_servers: ice } = facts;
    const place = { space, ticket: this.ticket, name: this.name.trim(), ice, photo: this.photoName };
    this.seat = new Seat(place, track, kept?.resume ?? "", {
      joined: () => this.joined(),
      down: (message) => this.heard(message),
      sound: (stream) => this.play(stream),
      lost: (attempt, refusal) => this.lost(attempt, refusal),
      off: (end, told) => this.off(end, told),
      resume: (ticket) => this.kept(ticket),
    }, this.peers);
    this.seat.start();
  }

  async mute(on: boolean): Promise<void> {
    // The track first: nobody waits for a network to be silent.
    this.setMuted(on);
    this.mutedByHost = false;
    if (!on) this.hints.unmuted();
    this.asking += 1;
    const carriedOut = await this.tell({ t: "mute", on }).finally(() => (this.asking -= 1));
    if (stillMuted(on, carriedOut, this.mine)) this.setMuted(true);
  }

  /** Sends a command; true once it was carried out, else `refusal` says why not. */
  async tell(command: Command): Promise<boolean> {
    this.refusal = "";
    const answer = await this.seat?.tell(command);
    if (typeof answer === "string" && this.phase === "on") this.refusal = answer === "" ? "slow" : answer;
    return answer === null;
  }

  async use(track: MediaStreamTrack): Promise<void> {
    this.track?.stop();
    this.speakInto(track);
    await this.seat?.use(track);
  }

  async leave(): Promise<void> {
    forget(this.ticket);
    this.left = true;
    await this.seat?.leave();
    this.off("bye", null);
  }

  turnSoundOn(): void {
    void this.audio.play().then(() => (this.soundBlocked = false));
  }

  facts4tests(): Record<string, unknown> {
    const { phase, me, role, muted, mix, heardDbfs, connections, lastGapMs, quality } = this;
    const levels = { ...this.levels };
    const { state = null, listening = null, people = [] } = this.view ?? {};
    const { queue, audience, lines, where } = this;
    const hints = { last: this.hints.last, howling: this.hints.howling, timeUp: this.hints.timeUp };
    const own = { phase, me, role, muted, mix, heardDbfs, connections, lastGapMs, quality, where, hints };
    return { ...own, levels, state, listening, people, queue, audience, lines };
  }

  /** The mix of the others, as it plays: for tests and for the page's own meter. */
  get heardStream(): MediaStream | null {
    return this.audio.srcObject instanceof MediaStream ? this.audio.srcObject : null;
  }

  private joined(): void {
    this.connections += 1;
    if (this.phase === "lost") {
      this.lastGapMs = performance.now() - this.lastLossMs;
      this.back = true;
      setTimeout(() => (this.back = false), BACK_MS);
    }
    this.phase = "on";
    this.told = null;
    // The studio may have forgotten; what this page shows is what holds.
    if (this.muted) void this.tell({ t: "mute", on: true });
  }

  private heard(message: Down): void {
    switch (message.t) {
      case "hello":
        this.me = message.me;
        this.role = message.role;
        return;
      case "stage":
        this.seen(message.view);
        return;
      case "levels":
        this.levels = message.levels;
        this.mix = message.mix;
        void this.listen(message.levels);
        return;
      case "queue":
        this.queue = message.queue;
        return;
      case "audience":
        this.audience = message.audience;
        return;
      case "lines":
        this.lines = message.lines;
        return;
      case "told":
        if (message.code === "role" && message.word !== "") this.role = message.word;
        this.hints.told(message.code, message.seconds, message.word);
        return;
      case "quality":
        this.quality = { lossPct: message.lossPct, bufferMs: message.bufferMs };
        return;
      default:
        return;
    }
  }

  /** What plays here as the browser measures it; where it does not, what the studio sends. */
  private async listen(levels: Readonly<Record<string, number>>): Promise<void> {
    const measured = await this.seat?.heardDbfs();
    if (this.phase === "on") this.heardDbfs = measured ?? heardOf(levels, this.me);
  }

  private seen(view: StageView): void {
    const mine = view.people.find((person) => person.id === this.me);
    const before = this.view?.people.find((person) => person.id === this.me);
    const gone = this.view?.people.some((one) => !view.people.some((person) => person.id === one.id));
    if (gone === true && this.facts?.role === "host") setTimeout(() => void this.readLinks(), LINKS_AGAIN_MS);
    this.view = view;
    if (mine !== undefined && mine.role !== "") this.role = mine.role;
    const muting = mutingAfter(this.muted, mine, before, this.asking);
    if (muting === "same") return;
    this.setMuted(true);
    this.mutedByHost = muting === "byHost";
  }

  private setMuted(on: boolean): void {
    this.muted = on;
    if (this.track !== null) this.track.enabled = !on;
    const kept = recall(this.ticket);
    if (kept !== null) keep(this.ticket, { ...kept, muted: on });
  }

  private speakInto(track: MediaStreamTrack): void {
    this.track = track;
    this.device = track.getSettings().deviceId ?? "";
    this.micLost = false;
    track.enabled = !this.muted;
    track.addEventListener("ended", () => (this.micLost ||= track === this.track));
  }

  private play(stream: MediaStream): void {
    this.audio.srcObject = stream;
    this.audio.play().then(
      () => (this.soundBlocked = false),
      () => (this.soundBlocked = true),
    );
  }

  private lost(attempt: number, refusal: ApiError | null): void {
    if (attempt === 0) this.lastLossMs = performance.now();
    this.attempt = attempt;
    // Of a house that is away the page knows better words.
    this.told = refusal !== null && refusal.status >= 400 && refusal.status < 500 ? refusal : null;
    if (refusal !== null && attempt % TRIES_BEFORE_A_LOOK === 0) void this.lookIfOver();
    if (this.phase === "on") this.phase = "lost";
    this.levels = {};
    this.mix = -90;
    this.heardDbfs = -90;
    this.quality = null;
    this.lines = {};
    this.hints.clear();
  }

  /** A goodbye may have been lost on its way: whoever waits for a stage that ended waits in vain. */
  private async lookIfOver(): Promise<void> {
    const facts = await api.ticket(this.ticket).catch(() => null);
    if (facts === null || (this.phase !== "lost" && this.phase !== "joining")) return;
    this.facts = facts;
    if (!this.over) return;
    this.seat?.end();
    this.off("bye", null);
  }

  /** The speakers' link that a host's console shows may be another one since somebody went. */
  private async readLinks(): Promise<void> {
    this.facts = await api.ticket(this.ticket).catch(() => this.facts);
  }

  private off(end: End, told: Told | null): void {
    forget(this.ticket);
    this.told = told;
    this.refused = end === "refused";
    this.removed = end === "removed";
    this.audio.srcObject = null;
    this.track?.stop();
    this.phase = "off";
  }

  private kept(resume: string): void {
    const { muted, device } = this;
    keep(this.ticket, { resume, name: this.name.trim(), muted, device });
  }
}

/** The name of who is signed in here, or nothing: most who come have no account. */
async function accountName(): Promise<string> {
  try {
    return (await api.me()).account?.name ?? "";
  } catch {
    return "";
  }
}
