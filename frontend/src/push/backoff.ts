// Full-jitter back-off: a crowd that lost its edge comes back spread out, not as a wave.

/** The first retry falls somewhere in half a second: an edge's thousands are spread over it. */
export const RETRY_BASE_MS = 500;

/** Nobody waits longer than this between two tries. */
export const RETRY_CAP_MS = 15_000;

/**
 * Milliseconds to wait before try `attempt` (0 is the first retry); `chance` in [0, 1).
 * The cap is inside the chance: tries that have reached it stay as spread out as the first.
 */
export function retryDelayMs(attempt: number, chance: number, capMs = RETRY_CAP_MS): number {
  return chance * Math.min(capMs, RETRY_BASE_MS * 2 ** Math.min(attempt, 30));
}
