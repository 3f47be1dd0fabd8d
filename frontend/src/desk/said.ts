// What a page says when the desk refused or did not answer.
import { saidBy } from "../common/codes";
import type { Lang } from "../common/lang.svelte";
import { refusalWords } from "../words/refusals";
import { ApiError } from "./api";

/** The page's own words or the desk's sentence; empty where the desk said nothing. */
export function wordsFor(error: unknown, lang: Lang): string {
  return error instanceof ApiError ? saidBy(refusalWords[lang], error) : "";
}
