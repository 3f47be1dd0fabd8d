// Whatever the house says of questions and polls is read within its limits; what one did is kept.
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { freshStorage } from "./fake_storage";
import { after, readSpace, type Space } from "../src/common/space";
import { ask, back, CHOICES_MAX, Mine, QUESTIONS_MAX, readPoll, readQuestions, takesQuestions, vote } from "../src/listen/forum";
import { Sleep } from "../src/listen/sleep.svelte";

const BY = { base: "", id: "tea", listener: "l".repeat(24), query: "?l=x" };
const QUESTION = { id: "q".repeat(16), text: "Why?", name: "Ann", backs: 3, state: "shown" };
const POLL = { id: "p", question: "Tea?", choices: ["Yes", "No"], votes: [3, 1], open: true };

function space(more: Record<string, unknown> = {}): Space {
  const read = readSpace({ id: "tea", state: "live", ...more });
  if (read === null) throw new Error("no space");
  return read;
}

beforeEach(freshStorage);
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("questions and polls", () => {
  it("come from the state and from notices, each by itself", () => {
    const begun = space({ questions_mode: "approved", questions: [QUESTION], poll: POLL });
    expect(readQuestions(begun.asked)).toEqual([{ id: QUESTION.id, text: "Why?", name: "Ann", backs: 3, answered: false }]);
    expect(readPoll(begun.asked)?.choices.map((one) => one.share)).toEqual([0.75, 0.25]);
    const later = after(begun, { kind: "questions", ptsSamples: 0, body: { mode: "off", list: [] } });
    expect([takesQuestions(begun.asked), takesQuestions(later.asked)]).toEqual([true, false]);
    expect(readPoll(later.asked)?.votes).toBe(4);
    const closed = after(later, { kind: "poll", ptsSamples: 0, body: { ...POLL, open: false } });
    expect(readPoll(closed.asked)?.open).toBe(false);
    expect(readPoll(after(closed, { kind: "poll", ptsSamples: 0, body: { ...POLL, id: "" } }).asked)).toBeNull();
  });

  it("are nothing where an older studio says nothing", () => {
    expect([readQuestions(space().asked), readPoll(space().asked), takesQuestions(space().asked)]).toEqual([[], null, false]);
  });

  it("are read within their limits whatever comes", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("mode", "list", "poll"), fc.jsonValue()), (asked) => {
        expect(readQuestions(asked).length).toBeLessThanOrEqual(QUESTIONS_MAX);
        const poll = readPoll(asked);
        if (poll === null) return;
        expect(poll.choices.length).toBeLessThanOrEqual(CHOICES_MAX);
        expect(poll.choices.every((one) => one.share >= 0 && one.share <= 1)).toBe(true);
      }),
    );
    const many = { list: Array.from({ length: 50 }, (_, i) => ({ ...QUESTION, id: String(i), backs: -1 })) };
    expect(readQuestions(many)).toHaveLength(QUESTIONS_MAX);
    expect(readQuestions(many)[0]?.backs).toBe(0);
    expect(readPoll({ poll: { ...POLL, choices: Array(9).fill("x"), votes: [1e99, "2"] } })?.votes).toBe(0);
  });
});

describe("what a late start and hosts say", () => {
  it("is read from state and notice, and taken back by the next", () => {
    const begun = space({ waits_for: "host", planned_t0_utc_us: 7, message: "Hello", next: "Ann" });
    expect([begun.waitsFor, begun.plannedT0UtcUs, begun.message, begun.next]).toEqual(["host", 7, "Hello", "Ann"]);
    const gone = after(begun, { kind: "state", ptsSamples: 0, body: { state: "live" } });
    expect([gone.waitsFor, gone.plannedT0UtcUs, gone.message, gone.next]).toEqual(["", 0, "", ""]);
  });
});

describe("what a listener sends", () => {
  it("goes to the edge in use with their id, and the house names the question", async () => {
    const sent: [string, unknown][] = [];
    vi.stubGlobal("fetch", (url: string, how: RequestInit) => {
      sent.push([url, JSON.parse(String(how.body))]);
      return Promise.resolve(new Response(JSON.stringify({ ok: true, id: "abc" }), { status: 202 }));
    });
    const own = vi.fn();
    expect(await ask(BY, "Why?", "", own)).toBe("taken");
    await back(BY, "q");
    await vote(BY, "p", 1);
    expect(own).toHaveBeenCalledExactlyOnceWith("abc");
    expect(sent).toEqual([
      ["/live/tea/questions?l=x", { text: "Why?", listener: BY.listener }],
      ["/live/tea/backs?l=x", { question: "q", listener: BY.listener }],
      ["/live/tea/votes?l=x", { poll: "p", choice: 1, listener: BY.listener }],
    ]);
  });

  it("is remembered over a reload, for this space alone", () => {
    new Mine("tea").set("vote p", "1");
    expect([new Mine("tea").get("vote p"), new Mine("hall").get("vote p")]).toEqual(["1", ""]);
    sessionStorage.setItem("rostra.forum.tea", "[1");
    expect(new Mine("tea").get("vote p")).toBe("");
  });
});

describe("the sleep timer", () => {
  it("stops once, and not where it was taken back", () => {
    vi.useFakeTimers();
    const stop = vi.fn();
    const sleep = new Sleep(stop);
    sleep.choose(15);
    vi.advanceTimersByTime(14 * 60_000);
    sleep.choose(30);
    vi.advanceTimersByTime(29 * 60_000);
    expect(stop).not.toHaveBeenCalled();
    vi.advanceTimersByTime(60_000);
    expect([stop.mock.calls.length, sleep.minutes]).toEqual([1, 0]);
    sleep.choose(15);
    sleep.choose(0);
    vi.advanceTimersByTime(3_600_000);
    expect(stop).toHaveBeenCalledTimes(1);
  });

  it("is due when a device wakes up too late", () => {
    vi.useFakeTimers();
    const stop = vi.fn();
    const sleep = new Sleep(stop);
    sleep.choose(15);
    sleep.woke();
    expect(stop).not.toHaveBeenCalled();
    vi.setSystemTime(Date.now() + 16 * 60_000);
    sleep.woke();
    expect(stop).toHaveBeenCalledTimes(1);
  });
});
