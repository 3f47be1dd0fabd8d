// The numbers of the house's grid that a player needs.
export const SAMPLE_RATE_HZ = 48_000;

/** One message: 5,120 samples. */
export const MESSAGE_S = 5_120 / SAMPLE_RATE_HZ;

/** How often an edge may write to a listener, in messages. */
export const TICKS_MESSAGES = [1, 3, 9, 18] as const;

/** The usual tick of an edge: three messages, 320 ms. */
export const USUAL_TICK_S = 3 * MESSAGE_S;

/** The longest tick of an edge: 1.92 s. */
export const LONGEST_TICK_S = 18 * MESSAGE_S;
