// The lock screen is told what changes, and nothing twice.
import { afterEach, expect, it, vi } from "vitest";
import { readSpace } from "../src/common/space";
import { mediaControls } from "../src/listen/media";

afterEach(() => void vi.unstubAllGlobals());

it("gets a new title only when title or hosts change, and keeps its buttons true", () => {
  const made: unknown[] = [];
  const handlers = new Map<string, () => void>();
  const mediaSession = {
    metadata: null,
    playbackState: "none",
    setActionHandler: (name: string, act: () => void) => void handlers.set(name, act),
  };
  vi.stubGlobal("navigator", { mediaSession });
  vi.stubGlobal("MediaMetadata", class {
    constructor(facts: unknown) {
      made.push(facts);
    }
  });
  const space = readSpace({ id: "x", title: "Tea", state: "live", hosts: ["Ada"] });
  if (space === null) throw new Error("no space");
  const toggle = vi.fn();
  const show = mediaControls();
  show(space, "playing", toggle);
  for (let listening = 0; listening < 50; listening += 1) show({ ...space, listening }, "playing", toggle);
  expect(made).toHaveLength(1);
  expect(made[0]).toMatchObject({ title: "Tea", artist: "Ada", artwork: [{ type: "image/svg+xml" }] });
  handlers.get("play")?.();
  expect([mediaSession.playbackState, toggle.mock.calls.length]).toEqual(["playing", 0]);
  show({ ...space, title: "Tea, again" }, "paused", toggle);
  expect([made.length, mediaSession.playbackState]).toEqual([2, "paused"]);
  handlers.get("pause")?.();
  handlers.get("play")?.();
  expect(toggle).toHaveBeenCalledTimes(1);
});
