// What the page asks of each way of playing, and what it is told.
import type { Notice } from "../push/notice";
import type { Trouble } from "../push/player";

export interface PlayerEvents {
  bases(): Promise<readonly string[]>;
  notice(notice: Notice): void;
  playing(): void;
  stalled(): void;
  /** The browser wants a press before it plays. */
  blocked(): void;
  trouble(trouble: Trouble, attempt: number, retryMs: number): void;
  gaveUp(sentence: string): void;
}

export interface Player {
  readonly stalls: number;
  readonly jumps: number;
  readonly connections: number;
  readonly base: string;
  start(): void;
  stop(): void;
  /** Seconds behind the house's clock at `houseUs`, or null where nothing tells it. */
  latencyS(houseUs: number, epochUs: number): number | null;
}

/** Starts the element; a browser without a gesture refuses, and the page then offers its button. */
export function play(audio: HTMLAudioElement, blocked: () => void): void {
  audio.play().catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "NotAllowedError") blocked();
  });
}
