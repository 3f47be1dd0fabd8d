// Both languages say everything, and say it in the house's tone.
import { describe, expect, it } from "vitest";
import { consoleWords } from "../src/words/console";
import { holdWords } from "../src/words/hold";
import { stageWords } from "../src/words/stage";
import { toldWords } from "../src/words/told";

const said = (word: unknown): string => (typeof word === "function" ? String(word("1", "2", "3", "4")) : String(word));

describe.each(["en", "es"] as const)("%s", (lang) => {
  it.each([
    ["stage", stageWords[lang], stageWords.en],
    ["the console", consoleWords[lang], consoleWords.en],
    ["roles", consoleWords[lang].roles, consoleWords.en.roles],
    ["modes", consoleWords[lang].modeTexts, consoleWords.en.modeTexts],
    ["states", consoleWords[lang].states, consoleWords.en.states],
    ["the studio", toldWords[lang], toldWords.en],
    ["new roles", toldWords[lang].roles, toldWords.en.roles],
    ["hold", holdWords[lang], holdWords.en],
    ["typed", holdWords[lang].words, holdWords.en.words],
  ])("has every word of %s and shouts none", (_name, words, first) => {
    expect(Object.keys(words)).toEqual(Object.keys(first));
    for (const word of Object.values(words)) {
      expect(said(word).trim()).not.toBe("");
      expect(said(word)).not.toMatch(/[!¡]|undefined|oops/i);
    }
  });

  it("asks for words that a keyboard without accents can type in capitals", () => {
    for (const word of Object.values(holdWords[lang].words)) expect(word).toMatch(/^[A-Z]+$/);
  });
});
