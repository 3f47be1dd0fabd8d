// A seat comes back by itself from whatever passes, and never against a host's word.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../src/desk/api";
import { RETRY_BASE_MS, RETRY_CAP_MS } from "../src/push/backoff";
import type { Down } from "../src/stage/link";
import type { PeerEvents } from "../src/stage/peer";
import { afterRefusal } from "../src/stage/refusal";
import { ANSWER_MAX_MS, type Connection, LOOK_MS, RETRY_MAX_MS, Seat, SILENCE_MAX_MS } from "../src/stage/seat";

const PLACE = { space: "x", ticket: "link", name: "Ada", ice: [] };
const track = {} as MediaStreamTrack;
const LEVELS: Down = { t: "levels", levels: {}, mix: -90 };

/** What each try to connect is met with: a ticket that brings back, or an error. */
let met: (ticket: string) => Promise<string>;
let tickets: string[];
let peers: FakePeer[];
let said: string[];

class FakePeer implements Connection {
  closed = false;
  readonly sent: string[] = [];

  constructor(readonly events: PeerEvents) {
    peers.push(this);
  }

  async join(_space: string, ticket: string): Promise<{ participant: string; resume: string }> {
    tickets.push(ticket);
    return { participant: "a", resume: await met(ticket) };
  }
  use(): Promise<void> {
    return Promise.resolve();
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.closed = true;
  }
  heardDbfs(): Promise<number | null> {
    return Promise.resolve(null);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("navigator", {});
  [tickets, peers, said] = [[], [], []];
  met = () => Promise.resolve("back");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const later = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const refusing = (status: number) => () => Promise.reject(new ApiError(status, "A sentence.", null));

async function seated(resume = ""): Promise<Seat> {
  const events = {
    joined: () => said.push("joined"),
    down: () => undefined,
    sound: () => undefined,
    lost: (attempt: number) => said.push(`lost ${String(attempt)}`),
    off: (end: string) => said.push(end),
    resume: () => undefined,
  };
  const seat = new Seat(PLACE, track, resume, events, (_ice, _track, heard) => new FakePeer(heard));
  seat.start();
  await later(0);
  return seat;
}

describe("an answer that is not a yes", () => {
  it.each([
    [0, "retry", "retry"], [400, "end", "end"], [401, "end", "byLink"], [403, "end", "removed"], [404, "end", "byLink"],
    [408, "retry", "retry"], [409, "retry", "retry"], [413, "end", "end"], [422, "end", "end"], [429, "retry", "retry"],
    [500, "retry", "retry"], [503, "retry", "retry"], [504, "retry", "retry"],
  ])("%i leads to %s by link, to %s when coming back", (status, byLink, back) => {
    expect([afterRefusal(status, false), afterRefusal(status, true)]).toEqual([byLink, back]);
  });
});

describe("who comes back", () => {
  it("is not let in again after a host took them off", async () => {
    met = refusing(403);
    await seated("back");
    await later(RETRY_CAP_MS * 4);
    expect([tickets, said]).toEqual([["back"], ["removed"]]);
  });

  it("is not let in again when the studio says so in parting", async () => {
    await seated();
    peers[0]?.events.down({ t: "bye", sentence: "A host took you off the stage.", code: "removed" });
    await later(RETRY_CAP_MS);
    expect([tickets, said]).toEqual([["link"], ["joined", "removed"]]);
  });

  it.each([401, 404])("comes by the link when the studio does not know them any more: %i", async (status) => {
    met = (ticket) => (ticket === "back" ? refusing(status)() : Promise.resolve("new"));
    await seated("back");
    await later(RETRY_BASE_MS);
    expect([tickets, said.at(-1)]).toEqual([["back", "link"], "joined"]);
  });

  it.each([0, 409, 429, 503])("asks again with the same ticket while it is refused for the moment: %i", async (status) => {
    met = refusing(status);
    await seated("back");
    await later(RETRY_CAP_MS * 6);
    expect(tickets.length).toBeGreaterThan(4);
    expect(new Set(tickets)).toEqual(new Set(["back"]));
    met = () => Promise.resolve("back");
    await later(RETRY_CAP_MS);
    expect(said.at(-1)).toBe("joined");
  });

  it("is told when it will not be otherwise", async () => {
    met = refusing(400);
    await seated("back");
    expect(said).toEqual(["refused"]);
  });
});

describe("a wait between two tries", () => {
  const waits = async (status: number, chance: number): Promise<number[]> => {
    vi.spyOn(Math, "random").mockReturnValue(chance);
    const times: number[] = [];
    met = () => {
      times.push(performance.now());
      return refusing(status)();
    };
    const seat = await seated("back");
    await later(RETRY_CAP_MS * 8);
    seat.end();
    return times.slice(1).map((at, i) => Math.round(at - (times[i] ?? 0)));
  };

  it("is spread over its whole limit when nobody answered", async () => {
    expect(Math.max(...(await waits(503, 1)))).toBe(RETRY_MAX_MS);
    tickets = [];
    expect(Math.max(...(await waits(503, 0.5)))).toBe(RETRY_MAX_MS / 2);
  });

  it("is longer when somebody said no", async () => {
    expect(Math.max(...(await waits(409, 1)))).toBe(RETRY_CAP_MS);
  });
});

describe("a seat", () => {
  it("is lost after so long without a word, and not before", async () => {
    await seated();
    for (let ms = 0; ms < 10 * SILENCE_MAX_MS; ms += 100) {
      peers[0]?.events.down(LEVELS);
      await later(100);
    }
    await later(SILENCE_MAX_MS - 2 * LOOK_MS);
    expect(said).toEqual(["joined"]);
    await later(3 * LOOK_MS);
    expect(said).toEqual(["joined", "lost 0", "joined"]);
    expect(tickets).toEqual(["link", "back"]);
  });

  it("gives a command up after its limit, so that it can be pressed again", async () => {
    const seat = await seated();
    let answered: string | null | undefined;
    void seat.tell({ t: "end" }).then((one) => (answered = one));
    for (let ms = 0; ms < ANSWER_MAX_MS - 100; ms += 100) {
      peers[0]?.events.down(LEVELS);
      await later(100);
    }
    expect(answered).toBeUndefined();
    await later(100);
    expect(answered).toBe("");
  });

  it("that was given up while it was being taken is not taken", async () => {
    let let_in: (resume: string) => void = () => undefined;
    met = () => new Promise((resolve) => (let_in = resolve));
    const seat = await seated();
    seat.end();
    let_in("back");
    await later(RETRY_CAP_MS);
    expect([said, tickets, peers[0]?.closed]).toEqual([[], ["link"], true]);
  });
});
