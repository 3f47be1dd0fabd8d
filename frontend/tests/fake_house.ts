// A house on a virtual clock: its state, its list of edges and its push stream, until it is away.
import { vi } from "vitest";
import { MalformedStreamError } from "../src/push/boxes";
import type { Sink } from "../src/push/deck";
import type { PushTools } from "../src/push/player";
import { RefusedError, type readStream } from "../src/push/stream";

/** How a push stream is met on its way here. */
export type PushWay = "open" | "blocked" | "mangled" | "full";

const TICK_MS = 320;

export class FakeHouse {
  up = true;
  push: PushWay = "open";
  state = "live";
  codecs: string[] | undefined;
  /** Its clock at monotonic zero, how far it has stepped since, and how long an answer takes there and back. */
  readonly startUs = 1_000_000_000;
  steppedUs = 0;
  wayMs = 0;
  /** Addresses that were asked, with the time of each. */
  readonly asked: { path: string; atMs: number }[] = [];
  fragments = 0;
  private streams = new Set<(error: Error) => void>();

  /** Takes the place of `fetch`. */
  readonly fetch = (input: URL | string): Promise<Response> => {
    const path = new URL(input, "http://house.test").pathname;
    this.asked.push({ path, atMs: performance.now() });
    if (!this.up) return Promise.reject(new TypeError("Failed to fetch"));
    if (path.endsWith("edges.json")) return Promise.resolve(Response.json({ edges: [] }));
    const { state, codecs, wayMs, steppedUs } = this;
    const nowUs = this.startUs + steppedUs + (performance.now() + wayMs / 2) * 1_000;
    const times = { now_utc_us: nowUs, epoch_utc_us: 1, stepped_us: steppedUs };
    const answer = Response.json({ id: "x", title: "Tea", state, codecs, ...times });
    if (wayMs === 0) return Promise.resolve(answer);
    return new Promise((resolve) => setTimeout(() => resolve(answer), wayMs));
  };

  /** Takes the place of the push player's network and decoder. */
  readonly tools: PushTools = { read: (...words) => this.read(...words), deck: () => new FakeDeck() };

  asks(path: string): number {
    return this.asked.filter((one) => one.path.endsWith(path)).length;
  }

  /** The house is gone, and everybody's stream with it. */
  away(): void {
    this.up = false;
    for (const end of this.streams) end(new TypeError("network error"));
  }

  private read(...[, outer, give]: Parameters<typeof readStream>): Promise<void> {
    if (!this.up) return Promise.reject(new TypeError("Failed to fetch"));
    if (this.push === "blocked") return Promise.reject(new RefusedError(403, { sentence: "", code: "" }));
    if (this.push === "mangled") return Promise.reject(new MalformedStreamError("not ours"));
    if (this.push === "full") return Promise.reject(new RefusedError(503, { sentence: "Full.", code: "full" }));
    return new Promise((_, reject) => {
      const tick = (): void => {
        const startS = (this.fragments * TICK_MS) / 1000;
        this.fragments += 1;
        give({ kind: "fragment", bytes: new Uint8Array(1), span: { startS, endS: startS + TICK_MS / 1000 } });
      };
      const timer = setInterval(tick, TICK_MS);
      const end = (error: Error): void => {
        clearInterval(timer);
        this.streams.delete(end);
        reject(error);
      };
      this.streams.add(end);
      outer.addEventListener("abort", () => end(new Error("aborted")), { once: true });
    });
  }
}

export class FakeDeck implements Sink {
  broken = false;
  ranges: { start: number; end: number }[] = [];
  append = vi.fn();
  trim(): void {}
  empty(): void {}
  close(): void {
    this.broken = true;
  }
}
