// Both languages say everything, and say it in the house's tone.
import { expect, it } from "vitest";
import { stageWords } from "../src/words/stage";

const said = (word: unknown): string => (typeof word === "function" ? String(word("1", "2")) : String(word));

it.each(["en", "es"] as const)("%s has every word and shouts none", (lang) => {
  expect(Object.keys(stageWords[lang])).toEqual(Object.keys(stageWords.en));
  for (const word of Object.values(stageWords[lang])) {
    expect(said(word).trim()).not.toBe("");
    expect(said(word)).not.toMatch(/[!¡]|undefined|oops/i);
  }
});
