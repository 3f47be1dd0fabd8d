// Whatever happens to the house or to a way of playing, a listener comes back without a reload.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Player, PlayerEvents, Wanted } from "../src/listen/player";
import {
  ASK_MS, ASK_SOON_MS, ASK_SPREAD_MS, CLOCK_AGE_SPREAD, FAILED_RETRY_MAX_MS, PAUSED_MAX_MS, QUIET_MAX_MS, Session,
} from "../src/listen/session.svelte";
import { silence } from "../src/listen/silence";
import type { Transport } from "../src/listen/transport";
import { SAMPLE_AGE_MAX_MS } from "../src/push/clock";
import { PushPlayer } from "../src/push/player";
import { FakeAudio } from "./fake_audio";
import { FakeHouse } from "./fake_house";

const PAGE = new URL("http://house.test/s/x");
const MINUTES_MS = 60_000;

/** A player that says what the test tells it to say. */
class Puppet implements Player {
  readonly stalls = 0;
  readonly jumps = 0;
  readonly connections = 1;
  readonly base = "";
  started = false;
  stopped = false;
  retried = 0;
  resumes = 0;

  constructor(
    readonly way: Transport,
    readonly events: PlayerEvents,
  ) {}

  start(): void {
    this.started = true;
  }
  stop(): void {
    this.stopped = true;
  }
  retryNow(): void {
    this.retried += 1;
  }
  resumed(): void {
    this.resumes += 1;
  }
  /** The house's time at monotonic zero, and the run's epoch, that the latency was last asked by. */
  by: [number, number] | null = null;
  latencyS(houseUs: number, epochUs: number): number | null {
    this.by = [houseUs - performance.now() * 1_000, epochUs];
    return 0.5;
  }
}

let house: FakeHouse;
let audio: FakeAudio;
let puppets: Puppet[];

beforeEach(() => {
  vi.useFakeTimers();
  house = new FakeHouse();
  audio = new FakeAudio();
  puppets = [];
  vi.stubGlobal("fetch", house.fetch);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const later = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const now = (): Puppet => {
  const last = puppets.at(-1);
  if (last === undefined) throw new Error("nobody plays");
  return last;
};

/** A page of a live space, with puppets for players; hls.js is loaded, so it comes a moment later. */
async function opened(): Promise<Session> {
  const session = new Session("x", audio.element, PAGE, {
    ways: () => ["push", "hlsjs", "mp3"],
    make: (way, _space, _audio, events) => {
      const puppet = new Puppet(way, events);
      puppets.push(puppet);
      return way === "hlsjs" ? Promise.resolve(puppet) : puppet;
    },
  });
  session.begin(null);
  await later(0);
  return session;
}

/** The same with the real push player, on the fake house's network. */
async function pushing(): Promise<Session> {
  const session = new Session("x", audio.element, PAGE, {
    ways: () => ["push", "mp3"],
    make: (way, space, element, events) =>
      way === "push" ? new PushPlayer(space, element, events, house.tools) : named(way, events),
  });
  session.begin(null);
  await later(0);
  session.listen();
  await later(1_000);
  return session;
}

function named(way: Transport, events: PlayerEvents): Puppet {
  const puppet = new Puppet(way, events);
  puppets.push(puppet);
  return puppet;
}

describe("a house that is away", () => {
  it("is waited for on the same way, for as long as it takes, and found again", async () => {
    const session = await pushing();
    audio.say("playing");
    expect(session.phase).toBe("playing");
    house.away();
    await later(2_000);
    for (let minute = 0; minute < 10; minute += 1) {
      expect([session.phase, session.transport]).toEqual(["reconnecting", "push"]);
      await later(MINUTES_MS);
    }
    house.up = true;
    await later(20_000);
    expect([session.phase, session.transport, puppets]).toEqual(["playing", "push", []]);
  });

  it("is waited for by who has not heard anything yet", async () => {
    house.up = true;
    const session = await pushing();
    house.away();
    await later(10 * MINUTES_MS);
    expect([session.phase, session.transport]).toEqual(["reconnecting", "push"]);
  });

  it("is tried at once by who presses Connect now", async () => {
    const session = await pushing();
    house.away();
    await later(5 * MINUTES_MS);
    house.up = true;
    const before = house.fragments;
    session.retryNow();
    await later(500);
    expect(house.fragments).toBeGreaterThan(before);
  });
});

describe("a way that is at fault while the house answers", () => {
  it.each(["blocked", "mangled"] as const)("gives place to the next one: %s", async (met) => {
    house.push = met;
    const session = await pushing();
    await later(3 * MINUTES_MS);
    expect(session.transport).toBe("mp3");
    expect(house.asks("state.json")).toBeGreaterThan(1);
  });

  it("is not one that the house itself refuses: that is the same everywhere", async () => {
    house.push = "full";
    const session = await pushing();
    await later(3 * MINUTES_MS);
    expect([session.phase, session.transport]).toEqual(["reconnecting", "push"]);
    expect(session.trouble).toMatchObject({ why: "refused", code: "full" });
  });

  it("leads from push over hls.js to MP3, and what the replaced ones say is not heard", async () => {
    const session = await opened();
    session.listen();
    const push = now();
    push.events.gaveUp();
    // What an older player still says while the next one is being loaded changes nothing.
    push.events.trouble({ why: "lost", sentence: "", code: "" }, 7, 9_000);
    push.events.playing();
    expect([session.phase, push.stopped]).toEqual(["connecting", true]);
    await later(0);
    expect([now().way, now().started]).toEqual(["hlsjs", true]);
    now().events.gaveUp();
    expect([now().way, now().started]).toEqual(["mp3", true]);
    now().events.playing();
    expect([session.phase, session.transport]).toEqual(["playing", "mp3"]);
  });

  it("is passed over when its code cannot be loaded", async () => {
    const session = new Session("x", audio.element, PAGE, {
      ways: () => ["hlsjs", "mp3"],
      make: (way, _space, _audio, events) => (way === "hlsjs" ? Promise.reject(new Error("404")) : named(way, events)),
    });
    session.begin(null);
    await later(0);
    session.listen();
    await later(0);
    expect(session.transport).toBe("mp3");
  });
});

describe("an edge that offers HLS", () => {
  it("is taken at its word for this press, with a word about it", async () => {
    const session = await opened();
    session.listen();
    const push = now();
    expect(push.events.useHls()).toBe(true);
    await later(0);
    expect([now().way, now().started, push.stopped, session.steadier]).toEqual(["hlsjs", true, true, true]);
    // What an older player still says moves nobody.
    expect(push.events.useHls()).toBe(false);
    now().events.playing();
    expect([session.phase, session.transport]).toEqual(["playing", "hlsjs"]);
    session.toggle();
    session.toggle();
    expect([now().way, session.steadier]).toEqual(["push", false]);
  });

  it("is asked again by a device that plays none", async () => {
    const session = new Session("x", audio.element, PAGE, { ways: () => ["push", "mp3"], make: (way, _w, _a, events) => named(way, events) });
    session.begin(null);
    await later(0);
    session.listen();
    expect(now().events.useHls()).toBe(false);
    expect([session.transport, session.steadier]).toEqual(["push", false]);
  });
});

describe("what is asked for", () => {
  async function asked(codecs: string[] | undefined, search = ""): Promise<{ wanted: Wanted; session: Session }> {
    const found: Wanted[] = [];
    house.codecs = codecs;
    const session = new Session("x", audio.element, new URL(search, PAGE), {
      ways: () => ["push"],
      make: (way, wanted, _audio, events) => {
        found.push(wanted);
        return named(way, events);
      },
    });
    session.begin(null);
    await later(0);
    session.listen();
    const [wanted] = found;
    if (wanted === undefined) throw new Error("nothing was asked for");
    return { wanted, session };
  }

  it.each([
    [["aac", "opus"], "", "opus"],
    [["aac"], "", "aac"],
    [undefined, "", "aac"],
    [["aac", "opus"], "?codec=aac", "aac"],
    [undefined, "?codec=opus", "opus"],
  ])("of a house with %j, by a page with %j, is %s", async (codecs, search, codec) => {
    const { wanted, session } = await asked(codecs, search);
    expect([wanted.space, wanted.codec, wanted.query]).toEqual(["x", codec, `?l=${session.listener}`]);
  });

  it("is AAC for the rest of the visit once the other failed", async () => {
    const { wanted, session } = await asked(["aac", "opus"]);
    wanted.codec = "aac";
    session.toggle();
    session.toggle();
    expect(session.facts()).toMatchObject({ codec: "aac" });
  });

  it("passes a ticket on", async () => {
    const { wanted } = await asked(undefined, "?ticket=t1");
    expect(wanted.query).toMatch(/^\?l=[\w-]{22,}&ticket=t1$/);
  });
});

describe("a house without room", () => {
  it("is waited for with the place that it gave", async () => {
    const session = await opened();
    session.listen();
    now().events.trouble({ why: "refused", sentence: "Full.", code: "waiting", place: 340, waitS: 25 }, 1, 25_000);
    expect([session.phase, session.trouble?.place, session.trouble?.waitS]).toEqual(["reconnecting", 340, 25]);
    now().events.playing();
    expect([session.phase, session.trouble]).toEqual(["playing", null]);
  });
});

describe("when no way of playing works", () => {
  async function failed(): Promise<Session> {
    const session = await opened();
    session.listen();
    for (let ways = 0; ways < 3; ways += 1) {
      now().events.gaveUp();
      await later(0);
    }
    expect([session.phase, puppets.length]).toEqual(["failed", 3]);
    return session;
  }

  it("all are tried again by themselves, within a known time", async () => {
    const session = await failed();
    expect(session.retryAtMs - performance.now()).toBeLessThanOrEqual(FAILED_RETRY_MAX_MS);
    await later(FAILED_RETRY_MAX_MS);
    expect([session.phase, now().way, puppets.length]).toEqual(["connecting", "push", 4]);
  });

  it.each(["toggle", "retryNow"] as const)("they are tried again at once by %s", async (press) => {
    const session = await failed();
    session[press]();
    expect([session.phase, now().way]).toEqual(["connecting", "push"]);
    await later(FAILED_RETRY_MAX_MS);
    expect(puppets).toHaveLength(4);
  });

  it("who leaves it is not brought back", async () => {
    const session = await failed();
    session.rest();
    await later(2 * FAILED_RETRY_MAX_MS);
    expect([session.phase, puppets.length]).toEqual(["idle", 3]);
  });
});

describe("questions to the house", () => {
  async function playing(): Promise<Session> {
    const session = await opened();
    session.listen();
    now().events.playing();
    house.asked.length = 0;
    return session;
  }

  it("are none for as long as sound arrives that carries its notices", async () => {
    await playing();
    for (let ms = 0; ms < 10 * MINUTES_MS; ms += 320) {
      now().events.alive();
      await later(320);
    }
    expect(house.asked).toEqual([]);
  });

  /** Sound arrives for a while. */
  async function sounds(ms: number): Promise<void> {
    for (let gone = 0; gone < ms; gone += 320) {
      now().events.alive();
      await later(320);
    }
  }

  it("are asked again while sound plays where the one after a loss had no answer", async () => {
    const session = await playing();
    await audio.play();
    await sounds(1_000);
    expect(session.latencyS).toBe(0.5);
    house.up = false;
    now().events.trouble({ why: "lost", sentence: "", code: "" }, 1, 100);
    now().events.playing();
    await sounds(ASK_SOON_MS + 1_000);
    expect([session.phase, session.latencyS]).toEqual(["playing", null]);
    house.up = true;
    await sounds(ASK_MS + ASK_SPREAD_MS + 1_000);
    expect(session.latencyS).toBe(0.5);
    house.asked.length = 0;
    await sounds(5 * MINUTES_MS);
    expect(house.asked).toEqual([]);
  });

  it.each([0, 0.999])("are for the time once it is old, not all at one moment: %f", async (chance) => {
    vi.spyOn(Math, "random").mockReturnValue(chance);
    await playing();
    const dueMs = SAMPLE_AGE_MAX_MS * (1 + chance * CLOCK_AGE_SPREAD);
    await sounds(dueMs - 1_000);
    expect(house.asked).toEqual([]);
    await sounds(ASK_MS + ASK_SPREAD_MS + 1_500);
    expect(house.asks("state.json")).toBe(1);
  });

  it("come back within a known time when none arrives any more", async () => {
    await playing();
    now().events.alive();
    await later(QUIET_MAX_MS - 1);
    expect(house.asked).toEqual([]);
    await later(ASK_MS + ASK_SPREAD_MS + 1);
    expect(house.asks("state.json")).toBeGreaterThan(0);
  });

  it.each([0, 0.25, 0.5, 0.999])("are spread over some seconds when everybody's stream is closed: %f", async (chance) => {
    await playing();
    vi.spyOn(Math, "random").mockReturnValue(chance);
    const closedMs = performance.now();
    now().events.trouble({ why: "closed", sentence: "", code: "" }, 1, 100);
    // Further troubles do not put it off.
    now().events.trouble({ why: "refused", sentence: "", code: "over" }, 2, 200);
    await later(ASK_SOON_MS);
    expect((house.asked[0]?.atMs ?? 0) - closedMs).toBeCloseTo(chance * ASK_SOON_MS, 0);
  });

  it("end with the space", async () => {
    const session = await playing();
    house.state = "ended";
    now().events.trouble({ why: "closed", sentence: "", code: "" }, 1, 100);
    await later(ASK_SOON_MS);
    expect([session.phase, now().stopped]).toEqual(["idle", true]);
    house.asked.length = 0;
    await later(10 * MINUTES_MS);
    expect(house.asked).toEqual([]);
  });
});

describe("how far behind it is", () => {
  it("is told by a clock that never steps, as playlists are dated by it", async () => {
    const session = await opened();
    session.listen();
    await audio.play();
    now().events.playing();
    await later(500);
    const told = [expect.closeTo(house.startUs, 0), 1];
    expect(now().by).toEqual(told);
    house.steppedUs = 90_000_000;
    // Its way is longer than the first answer's: after a step it counts all the same.
    house.wayMs = 40;
    now().events.trouble({ why: "lost", sentence: "", code: "" }, 1, 100);
    now().events.playing();
    await later(ASK_SOON_MS + house.wayMs + 500);
    expect([session.space?.steppedUs, now().by]).toEqual([90_000_000, told]);
  });
});

describe("what comes by itself later", () => {
  it("has played silence within the press, so that the browser lets it", async () => {
    house.state = "scheduled";
    const session = await opened();
    session.toggle();
    expect([session.phase, audio.plays, puppets.length]).toEqual(["armed", 1, 0]);
    expect(audio.src).toMatch(/^blob:/);
    house.state = "lobby";
    await later(ASK_MS + ASK_SPREAD_MS);
    expect([session.phase, now().way]).toEqual(["connecting", "push"]);
  });

  it("plays a WAV file of nothing but silence", () => {
    const bytes = silence();
    const text = (from: number): string => new TextDecoder().decode(bytes.subarray(from, from + 4));
    expect([text(0), text(8), text(12), text(36)]).toEqual(["RIFF", "WAVE", "fmt ", "data"]);
    expect(new DataView(bytes.buffer).getUint32(40, true)).toBe(bytes.length - 44);
    expect(new Set(bytes.subarray(44))).toEqual(new Set([128]));
  });
});

describe("a pause that the device made", () => {
  async function paused(): Promise<Session> {
    const session = await opened();
    session.listen();
    await audio.play();
    now().events.playing();
    audio.pause();
    await later(0);
    expect(session.phase).toBe("paused");
    return session;
  }

  it("is shown, and from its end on the newest is heard", async () => {
    const session = await paused();
    await audio.play();
    await later(0);
    expect([session.phase, now().resumes, puppets.length]).toEqual(["connecting", 1, 1]);
    now().events.playing();
    expect(session.phase).toBe("playing");
    await later(2 * PAUSED_MAX_MS);
    expect(session.phase).toBe("playing");
  });

  it("ends by the button too", async () => {
    const session = await paused();
    session.toggle();
    await later(0);
    expect([audio.paused, now().resumes]).toEqual([false, 1]);
    expect(session.phase).toBe("connecting");
  });

  it("that lasts gives the connection back, so that the head count stays true", async () => {
    const session = await paused();
    await later(PAUSED_MAX_MS - 1);
    expect([session.phase, now().stopped]).toEqual(["paused", false]);
    await later(1);
    expect([session.phase, now().stopped]).toEqual(["idle", true]);
  });

  it("is not ended by what happens to the connection meanwhile", async () => {
    const session = await paused();
    now().events.trouble({ why: "lost", sentence: "", code: "" }, 1, 100);
    expect(session.phase).toBe("paused");
    await audio.play();
    await later(0);
    expect(session.phase).toBe("reconnecting");
  });

  it("is not what the page itself does", async () => {
    const session = await opened();
    session.listen();
    await audio.play();
    now().events.playing();
    session.toggle();
    audio.say("pause");
    expect(session.phase).toBe("idle");
  });
});

describe("what the house says of itself", () => {
  it("of reactions is kept as it came, for whoever shows it", async () => {
    const session = await opened();
    session.listen();
    now().events.notice({ kind: "reactions", ptsSamples: 0, body: { counts: { clap: 12 } } });
    expect(session.reactions).toEqual({ clap: 12 });
  });

  it("is kept with its code until it takes it back", async () => {
    const session = await opened();
    session.listen();
    const says = (body: Record<string, unknown>): void => now().events.notice({ kind: "house", ptsSamples: 0, body });
    says({ text: "Silent.", code: "studio_silent" });
    expect(session.house).toEqual({ sentence: "Silent.", code: "studio_silent" });
    says({ text: "Something new." });
    expect(session.house).toEqual({ sentence: "Something new.", code: "" });
    says({ text: "", code: "studio_silent" });
    expect(session.house).toBeNull();
  });
});
