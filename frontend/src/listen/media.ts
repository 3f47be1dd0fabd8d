// The lock screen: title, hosts, and its play and pause buttons.
import type { Space } from "../common/space";
import type { Phase } from "./session.svelte";

export function mediaControls(space: Space | null, phase: Phase, toggle: () => void): void {
  if (!("mediaSession" in navigator) || space === null) return;
  const playing = phase !== "idle" && phase !== "failed";
  navigator.mediaSession.metadata = new MediaMetadata({
    title: space.title,
    artist: space.hosts.join(", "),
    album: "Rostra",
  });
  navigator.mediaSession.playbackState = playing ? "playing" : "paused";
  navigator.mediaSession.setActionHandler("play", () => {
    if (!playing) toggle();
  });
  for (const action of ["pause", "stop"] as const) {
    navigator.mediaSession.setActionHandler(action, () => {
      if (playing) toggle();
    });
  }
}
