// The way back of a player that opens an address: when it is opened again, and when that is vain.
import { retryDelayMs } from "../push/backoff";
import type { Trouble } from "../push/trouble";
import type { PlayerEvents } from "./player";

/**
 * Failures in a row without a sound before the house is asked by another request. If it answers,
 * the way is at fault and another one is used; if not, this one goes on for ever.
 */
export const FRUITLESS_MAX = 3;

export class Comeback {
  private attempt = 0;
  private fruitless = 0;
  /** A failure is being dealt with: others meanwhile are its echoes. */
  private busy = false;
  private over = false;
  /** It failed while the device held the sound back; nobody wants it before the device does. */
  private owed = false;
  private everPlayed = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly audio: HTMLAudioElement,
    private readonly events: PlayerEvents,
    private readonly open: (attempt: number) => void,
  ) {}

  /** Sound plays: what failed before is forgotten. */
  played(): void {
    this.everPlayed = true;
    this.attempt = 0;
    this.fruitless = 0;
  }

  async failed(why: Trouble["why"]): Promise<void> {
    if (this.busy || this.over) return;
    this.owed ||= this.everPlayed && this.audio.paused && why !== "closed";
    if (this.owed) return;
    this.busy = true;
    this.fruitless += 1;
    if (this.fruitless >= FRUITLESS_MAX) {
      this.fruitless = 0;
      if (await this.events.houseAnswers()) return this.giveUp();
    }
    if (this.over) return;
    this.attempt += 1;
    const retryMs = retryDelayMs(this.attempt - 1, Math.random());
    this.events.trouble({ why, sentence: "", code: "" }, this.attempt, retryMs);
    this.timer = setTimeout(() => this.now(), retryMs);
  }

  /** Skips what is left of the wait. */
  now(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.busy = false;
    this.open(this.attempt);
  }

  /** The device plays again; true when the address has to be opened anew for it, as it now is. */
  resumed(): boolean {
    const { owed } = this;
    this.owed = false;
    if (owed) this.open(this.attempt);
    return owed;
  }

  stop(): void {
    this.over = true;
    clearTimeout(this.timer);
  }

  private giveUp(): void {
    if (this.over) return;
    this.stop();
    this.events.gaveUp();
  }
}
