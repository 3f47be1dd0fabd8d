// What a page says when the desk refused or did not answer.
import { ApiError } from "./api";

/** The desk's sentence, which it says in the reader's language; empty where it said nothing. */
export function wordsFor(error: unknown): string {
  return error instanceof ApiError ? error.sentence : "";
}
