// Questions to the house end in a known time, and only the house's own answers count.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ANSWER_MAX_MS, askState } from "../src/listen/asking";
import { Directory, LIST_AGE_MAX_MS, LIST_MAX_MS } from "../src/listen/directory";

const PAGE = new URL("http://house.test/s/x");
const EDGES = { edges: [{ id: "a", bases: [":9601"] }] };
const OWN = "http://house.test";
const EDGE = "http://house.test:9601";

let asked: string[];

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const later = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** A house that gives this answer, or none at all. */
function house(answer: (() => Response) | null): void {
  vi.stubGlobal("fetch", (url: URL, { signal }: RequestInit) => {
    asked.push(url.pathname);
    return new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason as Error));
      if (answer !== null) resolve(answer());
    });
  });
}

describe("the state", () => {
  it("counts as not answered after its limit, and not before", async () => {
    house(null);
    let kind = "";
    void askState("x", PAGE).then((answer) => (kind = answer.kind));
    await later(ANSWER_MAX_MS - 1);
    expect(kind).toBe("");
    await later(1);
    expect(kind).toBe("none");
  });

  it.each([
    ["a space", Response.json({ id: "x", state: "live" }), "space"],
    ["no space of this house", Response.json({ error: { sentence: "There is none." } }, { status: 404 }), "unknown"],
    ["a stranger's 404", new Response("<html>", { status: 404 }), "none"],
    ["a hotel's page", new Response("<html>"), "none"],
    ["something else", Response.json([]), "none"],
    ["a house that is not ready", Response.json({ error: { sentence: "Ask again." } }, { status: 503 }), "none"],
  ])("that is %s", async (_name, response, kind) => {
    house(() => response);
    expect((await askState("x", PAGE)).kind).toBe(kind);
  });
});

describe("the list of edges", () => {
  it("is done without after its limit: the page's own origin is there", async () => {
    house(null);
    let bases: readonly string[] = [];
    void new Directory(PAGE, "me").bases().then((found) => (bases = found));
    await later(LIST_MAX_MS - 1);
    expect(bases).toEqual([]);
    await later(1);
    expect(bases).toEqual([OWN]);
  });

  it("is asked for again once it is too old, and kept when nobody answers then", async () => {
    house(() => Response.json(EDGES));
    const directory = new Directory(PAGE, "me");
    expect(await directory.bases()).toEqual([EDGE, OWN]);
    await later(LIST_AGE_MAX_MS);
    await directory.bases();
    expect(asked).toHaveLength(1);
    await later(1);
    await directory.bases();
    expect(asked).toHaveLength(2);
    await later(LIST_AGE_MAX_MS + 1);
    house(() => new Response("", { status: 502 }));
    expect(await directory.bases()).toEqual([EDGE, OWN]);
    expect(asked).toHaveLength(3);
  });
});
