// What a host may do and is told, as rules without a page.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { offsetMs, TRUSTED_MS } from "../src/stage/clock.svelte";
import { Hints, HINT_MS } from "../src/stage/hints.svelte";
import { before, choicesOf, FAINT_GAIN_DB, heardOn, minutes, moved, rightsOver, secondsTo, shares, slipped } from "../src/stage/host/rules";
import { CHOICES_MAX, readPoll } from "../src/stage/hosting";
import { readDown, type StageView } from "../src/stage/link";
import { NOISE_DBFS } from "../src/stage/microphone";
import { ASKED, FAIR_MS, FAIR_SPREAD_MS, GOOD_MS, GOOD_SPREAD_MS, reachOf } from "../src/stage/reach";
import { meaningOf } from "../src/stage/running";

function view(said: Record<string, unknown>): StageView {
  const message = readDown(JSON.stringify({ t: "stage", ...said }));
  if (message?.t !== "stage") throw new Error("no view");
  return message.view;
}

describe("rights", () => {
  it.each([
    ["host", "host", true, false],
    ["host", "cohost", true, true],
    ["host", "speaker", true, true],
    ["cohost", "host", false, false],
    ["cohost", "cohost", true, true],
    ["cohost", "speaker", true, true],
    ["speaker", "speaker", false, false],
    ["", "speaker", false, false],
  ])("of a %s over a %s", (mine, theirs, remove, role) => {
    expect(rightsOver(mine, theirs)).toEqual({ remove, role });
  });
});

describe("a line in words", () => {
  const calm = { lossPct: 0, bufferMs: 60, noiseDbfs: -60, gainDb: 0, howls: false };

  it("names what is wrong from its limit on", () => {
    expect(heardOn(undefined)).toBeNull();
    expect(heardOn(calm)).toEqual({ network: "good", room: "quiet", faint: false, howls: false });
    expect(heardOn({ ...calm, noiseDbfs: NOISE_DBFS })?.room).toBe("quiet");
    expect(heardOn({ ...calm, noiseDbfs: NOISE_DBFS + 1 })?.room).toBe("loud");
    expect(heardOn({ ...calm, gainDb: FAINT_GAIN_DB })?.faint).toBe(true);
    expect(heardOn({ ...calm, howls: true })?.howls).toBe(true);
  });

  it("does not call a microphone quiet that has sent nothing", () => {
    expect(heardOn({ ...calm, noiseDbfs: -90 })?.room).toBe("unknown");
  });
});

describe("time", () => {
  it("counts whole seconds down to nothing", () => {
    expect(secondsTo(0, 5)).toBe(0);
    expect(secondsTo(61_000_001, 1_000_000)).toBe(61);
    expect(secondsTo(1, 2_000_000)).toBe(0);
    expect(minutes(61)).toBe("1:01");
  });

  it("follows the house's clock once they differ by more than the header tells", () => {
    const house = "Wed, 25 Nov 2026 20:00:10 GMT";
    const here = Date.parse(house) + 500;
    expect(offsetMs(house, here, here)).toBe(0);
    expect(offsetMs(house, here - TRUSTED_MS, here - TRUSTED_MS)).toBe(0);
    expect(offsetMs(house, here - 30_100, here - 29_900)).toBe(30_000);
    expect(offsetMs(null, 0, 0)).toBe(0);
    expect(offsetMs("soon", 0, 0)).toBe(0);
  });

  it("is late when T0 is no longer what was announced, until it has begun", () => {
    const slid = { t0_utc_us: 9, planned_t0_utc_us: 5 };
    expect(slipped(view({ state: "lobby", ...slid }))).toBe(true);
    expect(slipped(view({ state: "live", ...slid }))).toBe(false);
    expect(slipped(view({ state: "lobby", t0_utc_us: 9 }))).toBe(false);
    expect(slipped(view({ state: "lobby", t0_utc_us: 9, planned_t0_utc_us: 9 }))).toBe(false);
    expect(before("interrupted")).toBe(false);
  });
});

describe("the queue", () => {
  it("moves a hand within its ends", () => {
    expect([moved(0, -1, 3), moved(0, 1, 3), moved(2, 1, 3), moved(2, -1, 3)]).toEqual([null, 1, null, 1]);
  });
});

describe("a poll", () => {
  it("takes two to six different choices", () => {
    expect(choicesOf([" Yes ", "No", ""])).toEqual(["Yes", "No"]);
    expect(choicesOf(["Yes"])).toBeNull();
    expect(choicesOf(["Yes", "yes "])).toBeNull();
    const many = Array.from({ length: CHOICES_MAX + 1 }, (_, at) => String(at));
    expect(choicesOf(many)).toBeNull();
    expect(choicesOf(many.slice(1))).toHaveLength(CHOICES_MAX);
  });

  it("shares out what was voted", () => {
    const poll = readPoll({ id: "a", question: "Tea?", choices: ["Yes", "No", "?"], votes: [2, 1], open: true });
    expect(poll?.votes).toEqual([2, 1, 0]);
    expect(poll && shares(poll)).toEqual([67, 33, 0]);
    expect(shares({ id: "a", question: "", choices: ["a", "b"], votes: [0, 0], open: true })).toEqual([0, 0]);
  });

  it("is none without an id", () => {
    expect([readPoll(null), readPoll({ id: "" }), readPoll([])]).toEqual([null, null, null]);
  });
});

describe("the way to the house", () => {
  const all = (ms: number): number[] => Array.from({ length: ASKED }, () => ms);

  it("turns from good to fair to poor at its limits", () => {
    expect(reachOf(all(GOOD_MS)).word).toBe("good");
    expect(reachOf(all(GOOD_MS + 1)).word).toBe("fair");
    expect(reachOf(all(FAIR_MS)).word).toBe("fair");
    expect(reachOf(all(FAIR_MS + 1)).word).toBe("bad");
    expect(reachOf([10, 10, 10 + GOOD_SPREAD_MS]).word).toBe("good");
    expect(reachOf([10, 10, 11 + GOOD_SPREAD_MS]).word).toBe("fair");
    expect(reachOf([10, 10, 11 + FAIR_SPREAD_MS]).word).toBe("bad");
  });

  it("counts what did not come", () => {
    expect(reachOf([20, null, 30])).toEqual({ word: "bad", medianMs: 30, spreadMs: 10, missing: 1 });
    expect(reachOf([null])).toEqual({ word: "bad", medianMs: 0, spreadMs: 0, missing: 1 });
  });
});

describe("what a state means for oneself", () => {
  const own = { connected: true, muted: false, micLost: false, where: "stage" } as const;

  it.each([
    ["live", {}, "runs"],
    ["live", { muted: true }, "runsMuted"],
    ["live", { micLost: true }, "runsNoMic"],
    ["live", { where: "backstage", muted: true }, "runsBackstage"],
    ["live", { connected: false, where: "backstage" }, "runsLost"],
    ["lobby", { where: "backstage" }, "waiting"],
    ["scheduled", {}, "scheduled"],
    ["interrupted", {}, "interrupted"],
    ["cancelled", {}, "over"],
  ] as const)("%s with %j is %s", (state, but, meaning) => {
    expect(meaningOf(state, { ...own, ...but })).toBe(meaning);
  });
});

describe("a word to one participant", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("fades, but a howl stays until it is over", () => {
    const hints = new Hints();
    hints.told("howl", 0, "");
    hints.told("time_soon", 30, "");
    expect([hints.howling, hints.last, hints.seconds]).toEqual([true, "timeSoon", 30]);
    vi.advanceTimersByTime(HINT_MS);
    expect([hints.howling, hints.last]).toEqual([true, null]);
    hints.told("howl_over", 0, "");
    expect([hints.howling, hints.last]).toEqual([false, "howlOver"]);
  });

  it("says that the time is up until one unmutes", () => {
    const hints = new Hints();
    hints.told("time_up", 0, "");
    vi.advanceTimersByTime(HINT_MS);
    expect(hints.timeUp).toBe(true);
    hints.unmuted();
    expect(hints.timeUp).toBe(false);
  });

  it("passes over what a newer studio may say", () => {
    const hints = new Hints();
    hints.told("toString", 0, "");
    hints.told("", 0, "");
    expect(hints.last).toBeNull();
  });
});
