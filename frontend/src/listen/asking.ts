// Asks an edge how the space is: `state.json`.
import { within } from "../common/deadline";
import { readSpace, type Space } from "../common/space";
import { refusalOf } from "../push/stream";

/** An answer that takes longer counts as none. */
export const ANSWER_MAX_MS = 5_000;

export type Answer =
  | {
      readonly kind: "space";
      readonly space: Space;
      /** The house's clock, UTC in microseconds; null where it said none. */
      readonly nowUtcUs: number | null;
      readonly askedMs: number;
      readonly receivedMs: number;
    }
  /** The house has no such space. */
  | { readonly kind: "unknown" }
  /** Nobody answered, or somebody who is not the house. */
  | { readonly kind: "none" };

export async function askState(id: string, page: URL): Promise<Answer> {
  const askedMs = performance.now();
  try {
    const url = new URL(`/live/${id}/state.json`, page);
    const response = await fetch(url, { signal: within(ANSWER_MAX_MS), cache: "no-store" });
    const receivedMs = performance.now();
    if (response.ok) return stateIn(await response.json(), askedMs, receivedMs);
    const known = response.status !== 404 || (await refusalOf(response)).sentence === "";
    return { kind: known ? "none" : "unknown" };
  } catch {
    return { kind: "none" };
  }
}

/** What an answer, or the page as an edge wrote it, says. */
export function stateIn(value: unknown, askedMs: number, receivedMs: number): Answer {
  const space = readSpace(value);
  if (space === null) return { kind: "none" };
  const { now_utc_us: now } = value as { now_utc_us?: unknown };
  return { kind: "space", space, nowUtcUs: typeof now === "number" ? now : null, askedMs, receivedMs };
}
