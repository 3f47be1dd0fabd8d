// The stage's data channel, as src/rostra/wire/stagelink.py has it: JSON, label `rostra`.
import { isRecord } from "../push/notice";
import { PEOPLE_MAX, type Person, readPeople, type State, STATES } from "../common/space";
import { type Fields, list, number, oneOf, text } from "./fields";
import { type Audience, type Lines, type Queue, readAudience, readLines, readQueue } from "./hosting";

export const LABEL = "rostra";

/** The studio refuses larger commands; ours are under 200 bytes. */
export const COMMAND_BYTES_MAX = 4 * 1024;

export type Where = "stage" | "backstage";

export type Command =
  | { readonly t: "mute"; readonly on: boolean; readonly who?: string }
  | { readonly t: "leave" | "start" | "end" | "break" | "muteall" | "pollclose" }
  | { readonly t: "remove" | "ban" | "invite" | "dismiss" | "next"; readonly who: string }
  | { readonly t: "later"; readonly minutes: number }
  | { readonly t: "say"; readonly text: string }
  | { readonly t: "role"; readonly who: string; readonly role: string }
  | { readonly t: "seat"; readonly who: string; readonly where: Where }
  | { readonly t: "lock"; readonly on: boolean }
  | { readonly t: "arrive"; readonly where: Where }
  | { readonly t: "order"; readonly who: string; readonly to: number }
  | { readonly t: "note"; readonly who: string; readonly text: string }
  | { readonly t: "limit"; readonly who: string; readonly seconds: number }
  | { readonly t: "questions"; readonly mode: string }
  | { readonly t: "question"; readonly id: string; readonly act: "show" | "answered" | "dismiss" }
  | { readonly t: "poll"; readonly question: string; readonly choices: readonly string[] };

/** One person as those on stage know them. */
export interface Seated extends Person {
  readonly where: Where;
  /** When their time is up; 0 without a limit. */
  readonly untilUtcUs: number;
}

export interface StageView {
  readonly title: string;
  readonly state: State;
  readonly t0UtcUs: number;
  readonly listening: number;
  readonly people: readonly Seated[];
  /** T0 as it was announced at first. */
  readonly plannedT0UtcUs: number;
  /** What a late start waits for: `host`, or nothing. */
  readonly waitsFor: string;
  readonly reason: string;
  /** What the audience hears. */
  readonly source: "hold" | "stage";
  /** Sessions of HLS among `listening`. */
  readonly hls: number;
  /** Different listeners so far, estimated; 0 where unknown. */
  readonly unique: number;
  readonly hands: number;
  /** Why nobody new comes on stage: `host`, `no_host`, or nothing. */
  readonly locked: string;
  readonly arrive: Where;
  /** The name of who speaks next. */
  readonly next: string;
  readonly message: string;
}

export type Down =
  | { readonly t: "hello"; readonly me: string; readonly role: string; readonly resume: string }
  | { readonly t: "stage"; readonly view: StageView }
  | { readonly t: "levels"; readonly levels: Readonly<Record<string, number>>; readonly mix: number }
  | { readonly t: "queue"; readonly queue: Queue }
  | { readonly t: "audience"; readonly audience: Audience }
  | { readonly t: "lines"; readonly lines: Lines }
  | { readonly t: "told"; readonly code: string; readonly seconds: number; readonly word: string }
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

const READERS: Record<string, (value: Fields) => Down> = {
  hello: (value) => ({
    t: "hello",
    me: text(value["me"]),
    role: text(value["role"]),
    resume: text(value["resume"]),
  }),
  stage: (value) => ({ t: "stage", view: readView(value) }),
  levels: (value) => ({ t: "levels", levels: readLevels(value["l"]), mix: number(value["mix"], -90) }),
  queue: (value) => ({ t: "queue", queue: readQueue(value) }),
  audience: (value) => ({ t: "audience", audience: readAudience(value) }),
  lines: (value) => ({ t: "lines", lines: readLines(value["lines"]) }),
  told: (value) => ({
    t: "told",
    code: text(value["code"]),
    seconds: number(value["seconds"], 0),
    word: text(value["word"]),
  }),
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
    people: list(value["people"]).slice(0, PEOPLE_MAX).flatMap(readSeated),
    plannedT0UtcUs: number(value["planned_t0_utc_us"], 0),
    waitsFor: text(value["waits_for"]),
    reason: text(value["reason"]),
    source: oneOf(["hold", "stage"], value["source"]),
    hls: number(value["hls"], 0),
    unique: number(value["unique"], 0),
    hands: number(value["hands"], 0),
    locked: text(value["locked"]),
    arrive: oneOf(["stage", "backstage"], value["arrive"]),
    next: text(value["next"]),
    message: text(value["message"]),
  };
}

function readSeated(value: unknown): Seated[] {
  return readPeople([value]).map((person) => {
    const { where, until_utc_us: until } = value as Fields;
    return { ...person, where: oneOf(["stage", "backstage"], where), untilUtcUs: number(until, 0) };
  });
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
