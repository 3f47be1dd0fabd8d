// The microphone check's judgement: each sentence for what causes it, and for nothing else.
import { describe, expect, it } from "vitest";
import { faultOf, impossible, Judge, LOUD_DBFS, LOUD_MOMENTS } from "../src/stage/microphone";
import { BAD_BUFFER_MS, BAD_LOSS_PCT, FAIR_BUFFER_MS, FAIR_LOSS_PCT, networkOf } from "../src/stage/quality";

/** A judge that heard these RMS values, ten a second, each with its peak 12 dB above. */
function heard(rms: readonly number[], peakDbfs?: number): Judge {
  const judge = new Judge();
  rms.forEach((rmsDbfs, i) => judge.add(i * 100, { rmsDbfs, peakDbfs: peakDbfs ?? rmsDbfs + 12 }));
  return judge;
}
const seconds = (dbfs: number, s = 4): number[] => Array<number>(s * 10).fill(dbfs);

describe("the level", () => {
  it("asks for words first", () => {
    expect(new Judge().level).toBe("say");
    expect(heard(seconds(-60, 1)).level).toBe("say");
  });

  it("is good as soon as a voice comes", () => {
    expect(heard([-60, -60, -25]).level).toBe("levelGood");
  });

  it("is low for a whisper, none for a dead microphone", () => {
    expect(heard(seconds(-55)).level).toBe("levelLow");
    expect(heard(seconds(-90)).level).toBe("levelNone");
  });

  it("is high after some loud moments, not after one plosive", () => {
    const loud = { rmsDbfs: -8, peakDbfs: LOUD_DBFS + 0.5 };
    const judge = heard(seconds(-25));
    for (let i = 1; i <= LOUD_MOMENTS; i += 1) {
      expect(judge.level).toBe("levelGood");
      judge.add(4_000 + i * 100, loud);
    }
    expect(judge.level).toBe("levelHigh");
  });

  it("forgets what is older than its window", () => {
    const judge = heard(seconds(-8), 0);
    expect(judge.level).toBe("levelHigh");
    for (let i = 0; i < 60; i += 1) judge.add(4_000 + i * 100, { rmsDbfs: -25, peakDbfs: -12 });
    expect(judge.level).toBe("levelGood");
  });
});

describe("the noise", () => {
  it("is unknown within the first second", () => {
    expect(heard(seconds(-20, 1)).noisy).toBeNull();
  });

  it("is what remains between words", () => {
    const talk = [...seconds(-20, 2), ...seconds(-70, 1), ...seconds(-20, 1)];
    expect(heard(talk).noisy).toBe(false);
    expect(heard(talk.map((dbfs) => Math.max(dbfs, -40))).noisy).toBe(true);
  });
});

describe("a fault", () => {
  it("is the address before the browser", () => {
    expect(impossible(false, false)).toBe("insecure");
    expect(impossible(true, false)).toBe("noDevices");
    expect(impossible(true, true)).toBeNull();
  });

  it.each([
    ["NotAllowedError", "denied"],
    ["NotFoundError", "notFound"],
    ["OverconstrainedError", "notFound"],
    ["NotReadableError", "busy"],
  ])("%s is %s", (name, fault) => {
    expect(faultOf(new DOMException("", name))).toBe(fault);
  });
});

describe("the network", () => {
  it("turns from good to fair to poor at its limits", () => {
    expect(networkOf({ lossPct: FAIR_LOSS_PCT, bufferMs: FAIR_BUFFER_MS })).toBe("good");
    expect(networkOf({ lossPct: FAIR_LOSS_PCT + 0.1, bufferMs: 0 })).toBe("fair");
    expect(networkOf({ lossPct: 0, bufferMs: FAIR_BUFFER_MS + 1 })).toBe("fair");
    expect(networkOf({ lossPct: BAD_LOSS_PCT + 0.1, bufferMs: 0 })).toBe("bad");
    expect(networkOf({ lossPct: 0, bufferMs: BAD_BUFFER_MS + 1 })).toBe("bad");
  });
});
