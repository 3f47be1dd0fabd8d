// What a seat does about an answer of the desk or the studio that is not a yes.

/**
 * `retry`: the same again, later. `byLink`: the ticket that brings back is unknown, the link is not.
 * `removed`: a host has taken this person off. `end`: it will not be otherwise by asking again.
 */
export type Then = "retry" | "byLink" | "removed" | "end";

/** Of full or closed stages, slow bodies and too many tries nobody knows how long they last. */
const PASSING: readonly number[] = [408, 409, 429];

/** `status` of the answer, 0 for none; `resuming` with the ticket of an earlier answer. */
export function afterRefusal(status: number, resuming: boolean): Then {
  if (status < 400 || status >= 500 || PASSING.includes(status)) return "retry";
  if (!resuming) return "end";
  if (status === 403) return "removed";
  return status === 401 || status === 404 ? "byLink" : "end";
}
