// What the studio says is read strictly, and what is unknown disturbs nobody.
import { describe, expect, it } from "vitest";
import { COMMAND_BYTES_MAX, Commands, heardOf, loudness, meter, readDown } from "../src/stage/link";

describe("the data channel", () => {
  it("reads the whole stage", () => {
    const people = [{ id: "a", name: "Ada", role: "host", muted: true, here: true, speaking: false, photo: "" }];
    const said = { t: "stage", title: "Tea", state: "live", t0_utc_us: 5, listening: 7, people };
    const view = { title: "Tea", state: "live", t0UtcUs: 5, listening: 7, people };
    expect(readDown(JSON.stringify(said))).toMatchObject({ t: "stage", view });
  });

  it("keeps only levels that are numbers", () => {
    const said = { t: "levels", l: { a: -20, b: "loud", c: null }, mix: -18 };
    expect(readDown(JSON.stringify(said))).toEqual({ t: "levels", levels: { a: -20 }, mix: -18 });
  });

  it.each(["", "no json", "[]", "null", '{"t":"tomorrow"}', '{"t":"__proto__"}', "{}"])("passes over %j", (text) => {
    expect(readDown(text)).toBeNull();
  });

  it("passes over what is no text", () => {
    expect(readDown(new ArrayBuffer(4))).toBeNull();
  });

  it("shows an unknown state as the lobby, so that nobody takes it for live", () => {
    expect(readDown('{"t":"stage","state":"dancing"}')).toMatchObject({ view: { state: "lobby" } });
  });
});

describe("commands", () => {
  it("settles each by its own number, whatever the order", async () => {
    const commands = new Commands();
    const mute = commands.issue({ t: "mute", on: true });
    const end = commands.issue({ t: "end" });
    commands.settle(end.n, "Only a host can end the space.");
    commands.settle(mute.n, null);
    expect(await mute.answered).toBeNull();
    expect(await end.answered).toBe("Only a host can end the space.");
    expect(JSON.parse(mute.text)).toEqual({ t: "mute", on: true, n: mute.n });
  });

  it("ignores a second answer", async () => {
    const commands = new Commands();
    const leave = commands.issue({ t: "leave" });
    commands.settle(leave.n, null);
    commands.settle(leave.n, "late");
    expect(await leave.answered).toBeNull();
  });
});

describe("loudness", () => {
  it("adds the others by power and leaves oneself out", () => {
    expect(heardOf({ me: 0, a: -20, b: -20 }, "me")).toBeCloseTo(-16.99, 1);
    expect(heardOf({ me: 0, a: -90 }, "me")).toBe(-90);
    expect(heardOf({}, "me")).toBe(-90);
  });

  it("is the RMS of an energy over its time", () => {
    expect(loudness(0.1 * 0.01, 0.1)).toBeCloseTo(-20, 5);
    expect(loudness(0, 0.1)).toBe(-90);
    expect(loudness(0, 0)).toBeNull();
  });

  it("fills the meter between whisper and shout", () => {
    expect(meter(-90)).toBe(0);
    expect(meter(-32.5)).toBeCloseTo(0.5, 5);
    expect(meter(0)).toBe(1);
  });
});

describe("a command", () => {
  it("as large as the studio takes is sent, and a larger one is our own fault", () => {
    const commands = new Commands();
    const empty = commands.issue({ t: "remove", who: "" }).text.length;
    const fits = commands.issue({ t: "remove", who: "x".repeat(COMMAND_BYTES_MAX - empty) });
    expect(fits.text).toHaveLength(COMMAND_BYTES_MAX);
    expect(() => commands.issue({ t: "remove", who: "x".repeat(COMMAND_BYTES_MAX - empty + 1) })).toThrow(RangeError);
    expect(() => commands.issue({ t: "remove", who: "ñ".repeat(COMMAND_BYTES_MAX / 2) })).toThrow(RangeError);
  });
});
