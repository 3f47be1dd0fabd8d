// The stage's data channel, as src/rostra/wire/stagelink.py has it: JSON, label `rostra`.
import { isRecord } from "../push/notice";
import { type Person, readPeople, type State, STATES } from "../common/space";

export const LABEL = "rostra";

/** The studio refuses larger commands; ours are under 200 bytes. */
export const COMMAND_BYTES_MAX = 4 * 1024;

export type Command =
  | { readonly t: "mute"; readonly on: boolean; readonly who?: string }
  | { readonly t: "leave" | "start" | "end" }
  | { readonly t: "remove"; readonly who: string };

export interface StageView {
  readonly title: string;
  readonly state: State;
  readonly t0UtcUs: number;
  readonly listening: number;
  readonly people: readonly Person[];
}

export type Down =
  | { readonly t: "hello"; readonly me: string; readonly role: string; readonly resume: string }
  | { readonly t: "stage"; readonly view: StageView }
  | { readonly t: "levels"; readonly levels: Readonly<Record<string, number>>; readonly mix: number }
  | { readonly t: "quality"; readonly lossPct: number; readonly bufferMs: number }
  | { readonly t: "ack"; readonly n: number }
  | { readonly t: "nack"; readonly n: number; readonly sentence: string }
  | { readonly t: "bye"; readonly sentence: string; readonly code: string };

/** Reads one message of the studio; null for what a newer studio may say. */
export function readDown(data: unknown): Down | null {
  if (typeof data !== "string") return null;
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  if (!isRecord(value) || typeof value["t"] !== "string" || !Object.hasOwn(READERS, value["t"])) return null;
  return READERS[value["t"]]?.(value) ?? null;
}

type Fields = Record<string, unknown>;

const READERS: Record<string, (value: Fields) => Down> = {
  hello: (value) => ({
    t: "hello",
    me: text(value["me"]),
    role: text(value["role"]),
    resume: text(value["resume"]),
  }),
  stage: (value) => ({ t: "stage", view: readView(value) }),
  levels: (value) => ({ t: "levels", levels: readLevels(value["l"]), mix: number(value["mix"], -90) }),
  quality: (value) => ({
    t: "quality",
    lossPct: number(value["loss_pct"], 0),
    bufferMs: number(value["buffer_ms"], 0),
  }),
  ack: (value) => ({ t: "ack", n: number(value["n"], -1) }),
  nack: (value) => ({ t: "nack", n: number(value["n"], -1), sentence: text(value["sentence"]) }),
  bye: (value) => ({ t: "bye", sentence: text(value["sentence"]), code: text(value["code"]) }),
};

function readView(value: Fields): StageView {
  return {
    title: text(value["title"]),
    state: STATES.find((state) => state === value["state"]) ?? "lobby",
    t0UtcUs: number(value["t0_utc_us"], 0),
    listening: number(value["listening"], 0),
    people: readPeople(value["people"]),
  };
}

function readLevels(value: unknown): Record<string, number> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );
}

/** Commands and their answers: each carries `n`, and gets one `ack` or `nack` with it. */
export class Commands {
  private next = 1;
  private readonly open = new Map<number, (sentence: string | null) => void>();

  /**
   * The command as text, and what was answered: null for an ack, else the refusal.
   * Throws RangeError for one that the studio would not take.
   */
  issue(command: Command): { text: string; answered: Promise<string | null>; n: number } {
    const n = this.next;
    this.next += 1;
    const text = JSON.stringify({ ...command, n });
    const bytes = new TextEncoder().encode(text).length;
    if (bytes > COMMAND_BYTES_MAX) throw new RangeError(`A command of ${String(bytes)} bytes is not one of this page.`);
    const answered = new Promise<string | null>((resolve) => this.open.set(n, resolve));
    return { text, answered, n };
  }

  settle(n: number, sentence: string | null): void {
    this.open.get(n)?.(sentence);
    this.open.delete(n);
  }
}

/** dBFS as 0 to 1 for a meter: speech lives between -50 and -10. */
export function meter(dbfs: number): number {
  return Math.min(1, Math.max(0, (dbfs + 55) / 45));
}

/** RMS in dBFS of an energy over a time, as WebRTC counts it; null over no time at all. */
export function loudness(energy: number, seconds: number): number | null {
  return seconds > 0 ? Math.max(-90, 10 * Math.log10(Math.max(energy / seconds, 1e-9))) : null;
}

/** Loudness (dBFS) of everybody but oneself, from the studio's levels. */
export function heardOf(levels: Readonly<Record<string, number>>, me: string): number {
  const others = Object.entries(levels).filter(([id, level]) => id !== me && level > -90);
  const power = others.reduce((sum, [, level]) => sum + 10 ** (level / 10), 0);
  return Math.max(-90, 10 * Math.log10(Math.max(power, 1e-9)));
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}
