// What the page asks of each way of playing; what it is told is the same for all.
import type { PushEvents } from "../push/player";

export { play } from "../push/player";
export type PlayerEvents = PushEvents;
export type { Wanted } from "../push/player";

export interface Player {
  readonly stalls: number;
  readonly jumps: number;
  readonly connections: number;
  readonly base: string;
  start(): void;
  stop(): void;
  /** Skips what is left of a wait between two tries. */
  retryNow(): void;
  /** Playback goes on after a pause that was not the page's: from the newest sound. */
  resumed(): void;
  /** Seconds behind the house's clock at `houseUs`, by which it has never stepped; null where nothing tells it. */
  latencyS(houseUs: number, epochUs: number): number | null;
}
