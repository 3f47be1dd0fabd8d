// A page's own words for what the house says by a code; its sentence where there are none.

/** What came from the house: a code, empty where it gave none, and its sentence in its language. */
export interface Told {
  readonly code: string;
  readonly sentence: string;
}

export function saidBy(words: Readonly<Record<string, string>>, told: Told): string {
  return (Object.hasOwn(words, told.code) ? words[told.code] : undefined) ?? told.sentence;
}
