// Why there is no sound, in a form that a page has words for.
import { MalformedStreamError } from "./boxes";
import { RefusedError, SilentError } from "./stream";

/** `code` and `sentence` are the house's own, or empty. */
export interface Trouble {
  readonly why: "lost" | "refused" | "silent" | "closed";
  readonly sentence: string;
  readonly code: string;
  /** About so many are before this listener, in the queue of a house that has no room. */
  readonly place?: number | undefined;
  /** The house asks for so many seconds before the next try. */
  readonly waitS?: number | undefined;
}

export const CLOSED: Trouble = { why: "closed", sentence: "", code: "" };

/** Answers that say "not this form of the stream": another one may be there. */
const NOT_THIS_FORM = [400, 404, 406, 415];

/** The house took the question and said something about it. */
export function spoken({ sentence, code }: Trouble): boolean {
  return sentence !== "" || code !== "";
}

export function troubleOf(error: unknown): Trouble {
  if (error instanceof RefusedError) return refused(error);
  if (error instanceof MalformedStreamError) return { why: "refused", sentence: "", code: "" };
  return { why: error instanceof SilentError ? "silent" : "lost", sentence: "", code: "" };
}

/** Whether the fault may lie in the form that was asked for. */
export function notThisForm(error: unknown): boolean {
  if (error instanceof RefusedError) return NOT_THIS_FORM.includes(error.status);
  return error instanceof MalformedStreamError;
}

/** Whether an edge that goes on speaking has no sound in this form. */
export function soundless(error: unknown): boolean {
  return error instanceof SilentError && error.spoke;
}

/** A front door that finds nobody behind it says so by itself: the house is away. */
function refused({ status, message, code, place, waitS }: RefusedError): Trouble {
  const away = status >= 500 && message === "" && code === "";
  return { why: away ? "lost" : "refused", sentence: message, code, place, waitS };
}
