// A page's own words for what the house says by a code; its sentence where there are none.

/** What came from the house: a sentence, and a code where it has one for it. */
export interface Told {
  readonly code?: string;
  readonly sentence: string;
}

export function saidBy(words: Readonly<Record<string, string>>, told: Told): string {
  const { code = "", sentence } = told;
  return (Object.hasOwn(words, code) ? words[code] : undefined) ?? sentence;
}
