// What the state of the conversation means for one person on stage, as a key of the stage's words.
import type { State } from "../common/space";
import type { Where } from "./link";

export interface Own {
  readonly connected: boolean;
  readonly muted: boolean;
  readonly micLost: boolean;
  readonly where: Where;
}

export type Meaning =
  | "runs"
  | "runsMuted"
  | "runsLost"
  | "runsNoMic"
  | "runsBackstage"
  | "interrupted"
  | "waiting"
  | "scheduled"
  | "over";

export function meaningOf(state: State, own: Own): Meaning {
  if (state === "interrupted") return "interrupted";
  if (state === "lobby") return "waiting";
  if (state === "scheduled") return "scheduled";
  if (state !== "live") return "over";
  if (!own.connected) return "runsLost";
  if (own.where === "backstage") return "runsBackstage";
  if (own.muted) return "runsMuted";
  return own.micLost ? "runsNoMic" : "runs";
}
