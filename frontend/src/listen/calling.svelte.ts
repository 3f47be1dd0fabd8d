// A hand that can be invited: its secret and claim, its words, and what becomes of the invitation.
import { base64url, randomWord } from "../common/device";
import { isRecord } from "../push/notice";

/** An invitation that says no time of its own lasts so long. */
export const WITHIN_S = 60;

/** The house says an invitation again while it is open, in whole seconds: its end moves a little. */
const SAME_END_MS = 3_000;

const NAME_CHARS_MAX = 60;
const NOTE_CHARS_MAX = 140;
const KEY = "rostra.hand.name";

/** `going`: it was taken, and what is said of it later is for nobody. */
export type Fate = "none" | "invited" | "going" | "withdrawn" | "dismissed" | "late";

export class Calling {
  fate = $state<Fate>("none");
  /** By this page's own clock (`performance.now()`). */
  untilMs = $state(0);
  name = $state(keptName());
  note = $state("");
  secret = "";
  private claim = "";
  /** When the invitation ends that was passed over. */
  private passedMs = Number.NEGATIVE_INFINITY;

  /** A new secret: each invites once. Without a secure context there is none, and no microphone either. */
  async fresh(): Promise<void> {
    this.secret = this.claim = "";
    if (!("subtle" in crypto)) return;
    const secret = randomWord(32);
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
    this.secret = secret;
    this.claim = base64url(new Uint8Array(hash));
  }

  /** What goes with the hand. */
  get words(): Record<string, string> {
    const name = cut(this.name, NAME_CHARS_MAX);
    const note = cut(this.note, NOTE_CHARS_MAX);
    return this.claim === "" ? {} : { claim: this.claim, ...(name && { name }), ...(note && { note }) };
  }

  keepName(): void {
    try {
      sessionStorage.setItem(KEY, cut(this.name, NAME_CHARS_MAX));
    } catch {
      return;
    }
  }

  /** A notice `invitation`, heard so many seconds after it was said; another's says nothing. */
  heard(invitation: unknown, nowMs: number, behindS: number): void {
    if (!isRecord(invitation) || this.claim === "" || invitation["claim"] !== this.claim) return;
    if (this.fate === "going") return;
    const { state, within_s: within } = invitation;
    if (state === "open") {
      const seconds = typeof within === "number" && within > 0 ? within : WITHIN_S;
      const untilMs = nowMs + (seconds - behindS) * 1000;
      if (untilMs <= this.passedMs + SAME_END_MS) return;
      this.untilMs = untilMs;
      this.fate = this.untilMs > nowMs ? "invited" : "late";
    } else if (state === "withdrawn" && this.fate === "invited") this.fate = "withdrawn";
    else if (state === "dismissed") this.fate = "dismissed";
  }

  /** Not now: this one is not shown again, the next one is. */
  pass(): void {
    this.passedMs = this.untilMs;
    this.fate = "none";
  }

  /** Whole seconds that are left, and whether that was the last of them. */
  leftS(nowMs: number): number {
    const left = Math.max(0, Math.ceil((this.untilMs - nowMs) / 1000));
    if (left === 0 && this.fate === "invited") this.fate = "late";
    return left;
  }
}

/** Whole characters, as the house counts them. */
function cut(text: string, max: number): string {
  return [...text.trim()].slice(0, max).join("");
}

function keptName(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}
