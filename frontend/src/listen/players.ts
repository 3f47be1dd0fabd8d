// Makes the ways of playing that this device may use.
import { mediaSourceClass } from "../push/deck";
import { PushPlayer } from "../push/player";
import { PlainPlayer } from "./plain";
import type { Player, PlayerEvents, Wanted } from "./player";
import { isApple, order, type Transport } from "./transport";

export interface Players {
  ways(audio: HTMLAudioElement, page: URL): Transport[];
  /** At once where it can: only inside the gesture may sound begin. */
  make(way: Transport, wanted: Wanted, audio: HTMLAudioElement, events: PlayerEvents): Player | Promise<Player>;
}

export const PLAYERS: Players = {
  ways: (audio, page) =>
    order({
      mse: mediaSourceClass() !== null,
      nativeHls: audio.canPlayType("application/vnd.apple.mpegurl") !== "",
      mp3: audio.canPlayType("audio/mpeg") !== "",
      apple: isApple(navigator.userAgent, navigator.platform, navigator.maxTouchPoints),
      wanted: page.searchParams.get("transport") ?? "",
    }),
  make(way, wanted, audio, events) {
    if (way === "push") return new PushPlayer(wanted, audio, events);
    if (way === "hlsjs") return import("./hls").then(({ HlsPlayer }) => new HlsPlayer(wanted, audio, events));
    const name = way === "native" ? "master.m3u8" : "stream.mp3";
    return new PlainPlayer(`/live/${wanted.space}/${name}${wanted.query}`, audio, events);
  },
};
