// Full-jitter back-off: a crowd that lost its edge comes back spread out, not as a wave.

/** The first retry falls somewhere in half a second: an edge's thousands are spread over it. */
export const RETRY_BASE_MS = 500;

/** Nobody waits longer than this between two tries. */
export const RETRY_CAP_MS = 15_000;

/** A house that says when to come back is asked up to so much later: it told thousands the same. */
export const TOLD_SPREAD = 0.25;

/** No house keeps a page waiting longer than this without a question. */
export const TOLD_MAX_MS = 300_000;

/**
 * Milliseconds to wait before try `attempt` (0 is the first retry); `chance` in [0, 1).
 * The cap is inside the chance: tries that have reached it stay as spread out as the first.
 */
export function retryDelayMs(attempt: number, chance: number, capMs = RETRY_CAP_MS): number {
  return chance * Math.min(capMs, RETRY_BASE_MS * 2 ** Math.min(attempt, 30));
}

/** Milliseconds to wait when the house asked for `waitS` seconds. */
export function toldDelayMs(waitS: number, chance: number): number {
  return Math.min(TOLD_MAX_MS, waitS * 1000) * (1 + TOLD_SPREAD * chance);
}
