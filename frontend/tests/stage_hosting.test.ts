// What the studio says of the show, to all and to hosts, is read strictly.
import { describe, expect, it } from "vitest";
import { readDown } from "../src/stage/link";

describe("the show on the data channel", () => {
  it("reads seats, plan, lock and words", () => {
    const ada = { id: "a", name: "Ada", role: "host", muted: true, here: true, speaking: false, where: "backstage" };
    const said = { t: "stage", title: "Tea", state: "live", t0_utc_us: 5, listening: 7, hls: 2, unique: 9, hands: 3 };
    const late = { planned_t0_utc_us: 4, waits_for: "host", reason: "host", source: "stage", locked: "no_host" };
    const words = { arrive: "backstage", next: "Bo", message: "Soon" };
    const people = [{ ...ada, until_utc_us: 8 }, { name: "no id" }];
    const view = { title: "Tea", state: "live", t0UtcUs: 5, listening: 7, hls: 2, unique: 9, hands: 3 };
    expect(readDown(JSON.stringify({ ...said, ...late, ...words, people }))).toMatchObject({
      t: "stage",
      view: {
        ...view,
        ...words,
        ...{ plannedT0UtcUs: 4, waitsFor: "host", reason: "host", source: "stage", locked: "no_host" },
        people: [{ ...ada, untilUtcUs: 8 }],
      },
    });
  });

  it("reads what an older studio says of its stage, and takes nobody for backstage", () => {
    const read = readDown('{"t":"stage","people":[{"id":"a","where":"attic"}]}');
    expect(read).toMatchObject({ view: { source: "hold", arrive: "stage", people: [{ where: "stage", untilUtcUs: 0 }] } });
  });

  it("reads the queue, each hand once", () => {
    const asks = [{ id: "c", name: "Lu", note: "Hi", host_note: "ok", since_utc_us: 1, invited_until_utc_us: 2 }, { id: "c" }, {}, 7];
    expect(readDown(JSON.stringify({ t: "queue", asks, total: 80 }))).toEqual({
      t: "queue",
      queue: { asks: [{ id: "c", name: "Lu", note: "Hi", hostNote: "ok", sinceUtcUs: 1, invitedUntilUtcUs: 2 }], total: 80 },
    });
    expect(readDown('{"t":"queue","asks":{},"total":"many"}')).toEqual({ t: "queue", queue: { asks: [], total: 0 } });
  });

  it("reads questions and poll", () => {
    const questions = [{ id: "q", text: "Why?", name: "Jo", backs: 3, state: "shown" }, { id: "r", state: "lost" }];
    const poll = { id: "p", question: "Tea?", choices: ["Yes", "No"], votes: [1, 2], open: true };
    const pending = { id: "r", text: "", name: "", backs: 0, state: "pending" };
    expect(readDown(JSON.stringify({ t: "audience", mode: "open", questions, poll }))).toEqual({
      t: "audience",
      audience: { mode: "open", questions: [questions[0], pending], poll },
    });
    expect(readDown('{"t":"audience","poll":null}')).toMatchObject({ audience: { mode: "approved", poll: null } });
  });

  it("reads everybody's line", () => {
    const line = { loss_pct: 1.5, buffer_ms: 80, noise_dbfs: -50, gain_db: 6, howls: true };
    const read = { lossPct: 1.5, bufferMs: 80, noiseDbfs: -50, gainDb: 6, howls: true };
    const none = { lossPct: 0, bufferMs: 0, noiseDbfs: -90, gainDb: 0, howls: false };
    const said = { t: "lines", lines: { a: line, b: {}, c: 7 } };
    expect(readDown(JSON.stringify(said))).toEqual({ t: "lines", lines: { a: read, b: none } });
    expect(readDown('{"t":"lines","lines":[]}')).toEqual({ t: "lines", lines: {} });
  });

  it("reads a word to oneself", () => {
    expect(readDown('{"t":"told","code":"role","word":"cohost"}')).toEqual({ t: "told", code: "role", seconds: 0, word: "cohost" });
  });
});
