// The lock screen: title, hosts, and its play and pause buttons.
import icon from "../common/icon.svg";
import type { Space } from "../common/space";
import type { Phase } from "./session.svelte";

const RESTS: readonly Phase[] = ["idle", "paused", "failed"];

/** Returns what keeps the lock screen true: systems redraw it, and announce it, at each new title. */
export function mediaControls(): (space: Space | null, phase: Phase, toggle: () => void) => void {
  let shown = "";
  return (space, phase, toggle) => {
    if (!("mediaSession" in navigator) || space === null) return;
    const { mediaSession } = navigator;
    const facts = { title: space.title, artist: space.hosts.join(", "), album: "Rostra" };
    if (JSON.stringify(facts) !== shown) {
      shown = JSON.stringify(facts);
      mediaSession.metadata = new MediaMetadata({ ...facts, artwork: [{ src: icon, sizes: "any", type: "image/svg+xml" }] });
    }
    const playing = !RESTS.includes(phase);
    mediaSession.playbackState = playing ? "playing" : "paused";
    mediaSession.setActionHandler("play", () => {
      if (!playing) toggle();
    });
    for (const action of ["pause", "stop"] as const) {
      mediaSession.setActionHandler(action, () => {
        if (playing) toggle();
      });
    }
  };
}
