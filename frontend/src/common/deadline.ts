// Ends a request that nobody answers.

/** A signal that aborts after `ms`; by an ordinary timer, so that tests can move its time. */
export function within(ms: number): AbortSignal {
  const ending = new AbortController();
  setTimeout(() => ending.abort(new DOMException("No answer in time.", "TimeoutError")), ms);
  return ending.signal;
}
