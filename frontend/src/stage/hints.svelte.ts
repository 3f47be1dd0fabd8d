// What the studio tells one participant alone: it howls, time runs out, moved, another role.

/** Long enough to be read between two sentences of one's own. */
export const HINT_MS = 8_000;

export type Hint = "timeSoon" | "timeUp" | "toStage" | "toBackstage" | "role" | "howlOver";

const HINTS: Readonly<Record<string, Hint>> = {
  howl_over: "howlOver",
  time_soon: "timeSoon",
  time_up: "timeUp",
  to_stage: "toStage",
  to_backstage: "toBackstage",
  role: "role",
};

export class Hints {
  /** From the first howl until the studio says that it is over. */
  howling = $state(false);
  /** Muted because the time was up, until one unmutes. */
  timeUp = $state(false);
  last = $state<Hint | null>(null);
  seconds = $state(0);
  word = $state("");
  private timer: ReturnType<typeof setTimeout> | undefined;

  told(code: string, seconds: number, word: string): void {
    if (code === "howl" || code === "howl_over") this.howling = code === "howl";
    if (code === "time_up") this.timeUp = true;
    const hint = Object.hasOwn(HINTS, code) ? HINTS[code] : undefined;
    if (hint === undefined) return;
    this.last = hint;
    this.seconds = seconds;
    this.word = word;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.last = null), HINT_MS);
  }

  /** The person is heard again by their own doing. */
  unmuted(): void {
    this.timeUp = false;
    if (this.last === "timeUp") this.last = null;
  }

  /** A new connection: the studio says again what still holds. */
  clear(): void {
    clearTimeout(this.timer);
    this.howling = this.timeUp = false;
    this.last = null;
  }
}
