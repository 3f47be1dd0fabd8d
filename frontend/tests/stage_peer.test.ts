// Connecting takes a known time at most, whatever the network holds back.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { GATHER_MAX_MS, gathered, OPEN_MAX_MS, opened } from "../src/stage/peer";

class FakePc extends EventTarget {
  iceGatheringState = "gathering";
}
class FakeChannel extends EventTarget {
  readyState = "connecting";
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What has become of a promise: "open", "done", or why it failed. */
function fate(of: Promise<void>): () => string {
  let now = "open";
  of.then(() => (now = "done"), (error: Error) => (now = error.message));
  return () => now;
}

it("waits for candidates until they are complete", async () => {
  const pc = new FakePc();
  const now = fate(gathered(pc));
  await vi.advanceTimersByTimeAsync(100);
  expect(now()).toBe("open");
  pc.iceGatheringState = "complete";
  pc.dispatchEvent(new Event("icegatheringstatechange"));
  await vi.advanceTimersByTimeAsync(0);
  expect(now()).toBe("done");
});

it("goes on without the candidates that take longer than the limit", async () => {
  const now = fate(gathered(new FakePc()));
  await vi.advanceTimersByTimeAsync(GATHER_MAX_MS - 1);
  expect(now()).toBe("open");
  await vi.advanceTimersByTimeAsync(1);
  expect(now()).toBe("done");
});

it("gives a channel up that does not open within the limit", async () => {
  const now = fate(opened(new FakeChannel()));
  await vi.advanceTimersByTimeAsync(OPEN_MAX_MS - 1);
  expect(now()).toBe("open");
  await vi.advanceTimersByTimeAsync(1);
  expect(now()).toBe("The data channel did not open.");
});

it("gives a channel up as soon as it closes, and takes an open one as it is", async () => {
  const channel = new FakeChannel();
  const now = fate(opened(channel));
  channel.dispatchEvent(new Event("close"));
  await vi.advanceTimersByTimeAsync(0);
  expect(now()).toBe("The data channel did not open.");
  channel.readyState = "open";
  await opened(channel);
});
