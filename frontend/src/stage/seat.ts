// A participant's seat on the stage: keeps a connection, and makes a new one when it is lost.
import type { Told } from "../common/codes";
import { ApiError } from "../desk/api";
import { RETRY_CAP_MS, retryDelayMs } from "../push/backoff";
import { type Command, Commands, type Down } from "./link";
import { Peer } from "./peer";
import { afterRefusal } from "./refusal";

/** Levels come ten times a second; without any for this long the connection is lost. */
export const SILENCE_MAX_MS = 1_300;

/** A network change shows itself sooner than its silence. */
export const LOOK_MS = 200;

/** The studio answers a command within milliseconds; after this the person may press again. */
export const ANSWER_MAX_MS = 3_000;

/** Between tries a speaker waits less than a crowd: there are twenty of them at most. */
export const RETRY_MAX_MS = 2_000;

export interface SeatEvents {
  joined(): void;
  down(message: Down): void;
  sound(stream: MediaStream): void;
  /** The connection is gone; a new one is being made, after `refusal` if the last try met one. */
  lost(attempt: number, refusal: ApiError | null): void;
  /** Off the stage for good, with what the studio or the desk said. */
  off(end: End, told: Told): void;
  resume(ticket: string): void;
}

/** The studio said goodbye, nobody let this person in, or a host took them off. */
export type End = "bye" | "refused" | "removed";

/** What a seat needs of a connection. */
export type Connection = Pick<Peer, "join" | "use" | "send" | "close" | "heardDbfs">;

export interface Place {
  readonly space: string;
  readonly ticket: string;
  readonly name: string;
  readonly ice: readonly RTCIceServer[];
  /** The name of a photograph that was given to the house. */
  readonly photo?: string;
}

export class Seat {
  private peer: Connection | null = null;
  /** The one that is being made. */
  private trying: Connection | null = null;
  private readonly commands = new Commands();
  private resume: string;
  private heardMs = 0;
  private attempt = 0;
  private busy = false;
  private over = false;
  private wake: () => void = () => undefined;
  private readonly listening = new AbortController();

  constructor(
    private readonly place: Place,
    private track: MediaStreamTrack,
    resume: string,
    private readonly events: SeatEvents,
    private readonly peers: (...facts: ConstructorParameters<typeof Peer>) => Connection = (...facts) => new Peer(...facts),
  ) {
    this.resume = resume;
  }

  start(): void {
    const { signal } = this.listening;
    const timer = setInterval(() => this.look(), LOOK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    addEventListener("online", () => this.changed(), { signal });
    const network = (navigator as Navigator & { connection?: EventTarget }).connection;
    network?.addEventListener("change", () => this.changed(), { signal });
    void this.connect();
  }

  /** See `Peer.heardDbfs`. */
  async heardDbfs(): Promise<number | null> {
    return (await this.peer?.heardDbfs()) ?? null;
  }

  /** Sends a command; null when it was carried out, else why not ("" for no answer in time). */
  async tell(command: Command): Promise<string | null> {
    const issued = this.commands.issue(command);
    this.peer?.send(issued.text);
    setTimeout(() => this.commands.settle(issued.n, ""), ANSWER_MAX_MS);
    return issued.answered;
  }

  async use(track: MediaStreamTrack): Promise<void> {
    this.track = track;
    await this.peer?.use(track);
  }

  /** Leaves for good; the studio is told if it can be. */
  async leave(): Promise<void> {
    await Promise.race([this.tell({ t: "leave" }), new Promise((resolve) => setTimeout(resolve, 400))]);
    this.end();
  }

  end(): void {
    this.over = true;
    this.listening.abort();
    this.peer?.close();
    this.trying?.close();
    this.wake();
  }

  private async connect(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    while (!this.over) {
      const peer = this.made();
      this.trying = peer;
      let refusal: ApiError | null = null;
      try {
        const ticket = this.resume === "" ? this.place.ticket : this.resume;
        const { resume } = await peer.join(this.place.space, ticket, this.place.name, this.place.photo);
        if (!this.over) this.seated(peer, resume);
        break;
      } catch (error) {
        peer.close();
        if (this.over) break;
        refusal = error instanceof ApiError ? error : null;
        if (refusal !== null && this.refused(refusal)) break;
      }
      this.attempt += 1;
      this.events.lost(this.attempt, refusal);
      await this.rest(retryDelayMs(this.attempt - 1, Math.random(), capMs(refusal)));
    }
    this.trying = null;
    this.busy = false;
  }

  private made(): Connection {
    const peer: Connection = this.peers(this.place.ice, this.track, {
      down: (message) => this.heard(peer, message),
      sound: (stream) => this.events.sound(stream),
      lost: () => this.lose(peer),
    });
    return peer;
  }

  private seated(peer: Connection, resume: string): void {
    const before = this.peer;
    this.peer = peer;
    before?.close();
    this.attempt = 0;
    this.heardMs = performance.now();
    this.keep(resume);
    this.events.joined();
  }

  /** True when the refusal ends the seat. */
  private refused(error: ApiError): boolean {
    const then = afterRefusal(error.status, this.resume !== "");
    if (then === "byLink") this.resume = "";
    if (then === "retry" || then === "byLink") return false;
    this.end();
    this.events.off(then === "removed" ? "removed" : "refused", error);
    return true;
  }

  private heard(peer: Connection, message: Down): void {
    this.heardMs = performance.now();
    // The first words may come before the answer's promise settles.
    if (this.peer !== null && peer !== this.peer && this.attempt === 0 && !this.busy) return;
    if (message.t === "hello") this.keep(message.resume);
    if (message.t === "ack") this.commands.settle(message.n, null);
    else if (message.t === "nack") this.commands.settle(message.n, message.sentence);
    if (message.t === "bye") {
      this.end();
      this.events.off(message.code === "removed" ? "removed" : "bye", message);
    } else this.events.down(message);
  }

  private keep(resume: string): void {
    if (resume === "") return;
    this.resume = resume;
    this.events.resume(resume);
  }

  private look(): void {
    if (this.peer === null || this.busy) return;
    if (performance.now() - this.heardMs > SILENCE_MAX_MS) this.lose(this.peer);
  }

  private lose(peer: Connection): void {
    if (this.over || peer !== this.peer || this.busy) return;
    peer.close();
    this.events.lost(0, null);
    void this.connect();
  }

  /** The device moved to another network: the old path is most likely dead. */
  private changed(): void {
    this.wake();
    if (this.peer !== null && !this.busy && performance.now() - this.heardMs > LOOK_MS * 2) this.lose(this.peer);
  }

  private async rest(ms: number): Promise<void> {
    const rested = new Promise<void>((resolve) => (this.wake = resolve));
    const timer = setTimeout(this.wake, ms);
    await rested;
    clearTimeout(timer);
  }
}

/** Where the studio or the desk itself said no, asking often helps nobody. */
function capMs(refusal: ApiError | null): number {
  return refusal !== null && refusal.status >= 400 && refusal.status < 500 ? RETRY_CAP_MS : RETRY_MAX_MS;
}
