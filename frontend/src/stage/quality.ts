// The connection to the studio in one of three words.

/** Concealment hides this much loss; above it single words suffer. */
export const FAIR_LOSS_PCT = 2;
/** Above it sentences suffer. */
export const BAD_LOSS_PCT = 8;
/** A calm network needs 60 ms of buffer at the studio; more tells of jitter, and costs latency. */
export const FAIR_BUFFER_MS = 120;
export const BAD_BUFFER_MS = 240;

export type Network = "good" | "fair" | "bad";

export function networkOf(quality: { readonly lossPct: number; readonly bufferMs: number }): Network {
  const { lossPct, bufferMs } = quality;
  if (lossPct > BAD_LOSS_PCT || bufferMs > BAD_BUFFER_MS) return "bad";
  return lossPct > FAIR_LOSS_PCT || bufferMs > FAIR_BUFFER_MS ? "fair" : "good";
}
