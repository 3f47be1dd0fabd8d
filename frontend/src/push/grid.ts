// The numbers of the house's grid that a player needs.
export const SAMPLE_RATE_HZ = 48_000;

/** One message: 5,120 samples. */
export const MESSAGE_S = 5_120 / SAMPLE_RATE_HZ;

/** The usual tick of an edge: three messages, 320 ms. */
export const USUAL_TICK_S = 3 * MESSAGE_S;
