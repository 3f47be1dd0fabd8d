// A space as the house describes it, read from its JSON and kept up to date by notices.
import { isRecord, type Notice } from "../push/notice";

export const STATES = [
  "scheduled",
  "lobby",
  "live",
  "interrupted",
  "ended",
  "archived",
  "cancelled",
] as const;
export type State = (typeof STATES)[number];

/** People shown at once; the house itself allows 13. */
export const PEOPLE_MAX = 32;

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly muted: boolean;
  readonly here: boolean;
  readonly speaking: boolean;
  /** The name of their photograph, or "". */
  readonly photo: string;
}

export interface Space {
  readonly id: string;
  readonly title: string;
  readonly state: State;
  readonly t0UtcUs: number;
  readonly hosts: readonly string[];
  readonly description: string;
  /** Of title and description, as a `lang` attribute takes it; undefined where the house says none. */
  readonly language: string | undefined;
  readonly sinceUtcUs: number;
  readonly reason: string;
  readonly run: string;
  /** When the run began, by the house's clock as it was then. */
  readonly epochUtcUs: number;
  /** How far that clock has stepped since: a step moves neither the programme nor the dates in its playlists. */
  readonly steppedUs: number;
  /** Open now: connections to the edges, and sessions of HLS. */
  readonly listening: number;
  readonly hls: number;
  /** Different listeners so far, as the house estimates; 0 where it does not know. */
  readonly unique: number;
  /** Renditions of the sound; AAC is always one. */
  readonly codecs: readonly string[];
  readonly people: readonly Person[];
  /** T0 as it was announced at first; 0 where it is still that. */
  readonly plannedT0UtcUs: number;
  /** What a late start waits for: `host`, or nothing. */
  readonly waitsFor: string;
  /** The hosts' message to everybody, and the name of who speaks next. */
  readonly message: string;
  readonly next: string;
  /** `questions_mode`, `questions` and `poll` as they came: read by those who show them. */
  readonly asked: Readonly<Record<string, unknown>>;
}

/** Reads `state.json`, or null where it is no space. */
export function readSpace(value: unknown): Space | null {
  if (!isRecord(value)) return null;
  const state = stateOf(value["state"]);
  if (state === null) return null;
  const hosts = Array.isArray(value["hosts"]) ? value["hosts"] : [];
  return {
    id: text(value["id"]),
    title: text(value["title"]),
    state,
    t0UtcUs: number(value["t0_utc_us"]),
    hosts: hosts.filter((host) => typeof host === "string"),
    description: text(value["description"]),
    language: languageOf(value["language"]),
    sinceUtcUs: number(value["since_utc_us"]),
    reason: text(value["reason"]),
    run: text(value["run"]),
    epochUtcUs: number(value["epoch_utc_us"]),
    steppedUs: number(value["stepped_us"]),
    ...heads(value),
    codecs: Array.isArray(value["codecs"]) ? value["codecs"].filter((one) => typeof one === "string") : ["aac"],
    people: readPeople(value["stage"]),
    ...plans(value),
    asked: { mode: value["questions_mode"], list: value["questions"], poll: value["poll"] },
  };
}

/** The space after a notice of the programme; unknown kinds change nothing. */
export function after(space: Space, notice: Notice): Space {
  const { kind, body } = notice;
  switch (kind) {
    case "stage":
      return { ...space, people: readPeople(body["people"]) };
    case "count":
      return { ...space, ...heads({ hls: space.hls, unique: space.unique, ...body }) };
    case "state": {
      const state = stateOf(body["state"]) ?? space.state;
      return {
        ...space,
        state,
        title: text(body["title"]) || space.title,
        t0UtcUs: number(body["t0_utc_us"]) || space.t0UtcUs,
        // An edge's own last word does not say since when.
        sinceUtcUs: number(body["since_utc_us"]) || (state === space.state ? space.sinceUtcUs : 0),
        reason: text(body["reason"]),
        ...plans(body),
      };
    }
    case "questions":
      return { ...space, asked: { ...space.asked, ...body } };
    case "poll":
      return { ...space, asked: { ...space.asked, poll: body } };
    default:
      return space;
  }
}

export function readPeople(value: unknown): Person[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, PEOPLE_MAX).flatMap((one: unknown) => {
    if (!isRecord(one) || typeof one["id"] !== "string") return [];
    return [
      {
        id: one["id"],
        name: text(one["name"]),
        role: text(one["role"]),
        muted: one["muted"] === true,
        here: one["here"] !== false,
        speaking: one["speaking"] === true,
        photo: text(one["photo"]),
      },
    ];
  });
}

function plans(value: Notice["body"]): Pick<Space, "plannedT0UtcUs" | "waitsFor" | "message" | "next"> {
  return {
    plannedT0UtcUs: number(value["planned_t0_utc_us"]),
    waitsFor: text(value["waits_for"]),
    message: text(value["message"]),
    next: text(value["next"]),
  };
}

/** Numbers of one moment; an older studio's notice has `listening` alone. */
function heads(value: Notice["body"]): Pick<Space, "listening" | "hls" | "unique"> {
  return { listening: number(value["listening"]), hls: number(value["hls"]), unique: number(value["unique"]) };
}

export function isOver(state: State): boolean {
  return state === "ended" || state === "archived" || state === "cancelled";
}

export function doorsOpen(state: State): boolean {
  return state === "lobby" || state === "live" || state === "interrupted";
}

/** A language tag (RFC 5646), or undefined for what is none. */
export function languageOf(value: unknown): string | undefined {
  const tag = text(value);
  return /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(tag) ? tag : undefined;
}

function stateOf(value: unknown): State | null {
  return STATES.find((state) => state === value) ?? null;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
