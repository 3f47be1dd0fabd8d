// The page never shows somebody as heard whom the studio does not let be heard.
import { describe, expect, it } from "vitest";
import { micWord, mutingAfter, stillMuted } from "../src/stage/muting";

const muted = { muted: true };
const heard = { muted: false };

describe("after a view of the studio", () => {
  it("a mute that nobody here asked for is a host's", () => {
    expect(mutingAfter(false, muted, heard, 0)).toBe("byHost");
  });

  it("a mute from before a reload holds", () => {
    expect(mutingAfter(false, muted, undefined, 0)).toBe("byStudio");
  });

  it("an unmute that was not carried out is taken back", () => {
    expect(mutingAfter(false, muted, muted, 0)).toBe("byStudio");
  });

  it("nothing is concluded while the studio has still to answer", () => {
    expect(mutingAfter(false, muted, muted, 1)).toBe("same");
  });

  it("nobody is unmuted by a view", () => {
    expect(mutingAfter(true, heard, muted, 0)).toBe("same");
    expect(mutingAfter(true, heard, undefined, 0)).toBe("same");
    expect(mutingAfter(false, undefined, undefined, 0)).toBe("same");
  });
});

describe("the word at the microphone", () => {
  it("is live only for who is heard by everybody", () => {
    expect(micWord(false, true, true)).toBe("live");
    expect(micWord(false, true, false)).toBe("open");
    expect(micWord(false, false, true)).toBe("notHeard");
    expect(micWord(true, false, true)).toBe("muted");
  });
});

describe("an unmuting that is refused", () => {
  it("leaves one muted, so that nobody talks to nobody", () => {
    expect(stillMuted(false, false, { muted: true })).toBe(true);
    expect(stillMuted(false, false, { muted: false })).toBe(false);
    expect(stillMuted(false, true, { muted: true })).toBe(false);
    expect(stillMuted(true, false, { muted: true })).toBe(false);
    expect(stillMuted(false, false, undefined)).toBe(false);
  });
});
