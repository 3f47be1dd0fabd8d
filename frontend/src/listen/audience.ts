// What a listener sends up: reactions and a raised hand, in small POSTs to the edge in use.
import { within } from "../common/deadline";
import { isRecord } from "../push/notice";

export const REACTIONS = ["clap", "heart", "laugh", "wow", "agree"] as const;
export type Reaction = (typeof REACTIONS)[number];

/** The house takes no more from one listener; the page does not even ask. */
export const REACTIONS_PER_S_MAX = 2;

/** An answer that takes longer counts as none. */
export const SEND_MAX_MS = 5_000;

/** A count that no house has; what is more is damage. */
const COUNT_MAX = 1e9;

export type Sent = "taken" | "tooOften" | "notNow" | "lost";

export interface Sender {
  /** The edge in use, or "" for the page's own origin. */
  readonly base: string;
  readonly id: string;
  readonly listener: string;
  /** "?l=…" and the ticket, as on the streams. */
  readonly query: string;
}

export function sendReaction(by: Sender, reaction: Reaction): Promise<Sent> {
  return send(by, "reactions", { reaction, listener: by.listener });
}

export function sendHand(by: Sender, up: boolean, words: Readonly<Record<string, string>> = {}): Promise<Sent> {
  return send(by, "hands", { up, listener: by.listener, ...words });
}

export async function send(
  by: Sender,
  what: string,
  body: unknown,
  heard: (answer: unknown) => void = () => undefined,
): Promise<Sent> {
  try {
    const response = await fetch(`${by.base}/live/${by.id}/${what}${by.query}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: within(SEND_MAX_MS),
      credentials: "omit",
      keepalive: true,
    });
    if (response.ok) {
      heard(await response.json().catch(() => null));
      return "taken";
    }
    return response.status === 429 ? "tooOften" : "notNow";
  } catch {
    return "lost";
  }
}

/** Lets at most so many through in each second. */
export class Measure {
  private readonly times: number[] = [];

  takes(nowMs: number): boolean {
    const [oldest] = this.times;
    if (this.times.length >= REACTIONS_PER_S_MAX && oldest !== undefined) {
      if (nowMs - oldest < 1_000) return false;
      this.times.shift();
    }
    this.times.push(nowMs);
    return true;
  }
}

/** The notice `reactions`: the kinds that this page knows, in its own order. */
export function readCounts(value: unknown): { readonly kind: Reaction; readonly count: number }[] {
  if (!isRecord(value)) return [];
  return REACTIONS.flatMap((kind) => {
    const count = value[kind];
    return typeof count === "number" && count >= 1 && count < COUNT_MAX ? [{ kind, count: Math.floor(count) }] : [];
  });
}
