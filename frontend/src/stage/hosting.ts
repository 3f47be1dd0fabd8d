// What the studio tells hosts alone: the queue of hands, questions and poll, everybody's connection.
import { isRecord } from "../push/notice";
import { type Fields, list, number, oneOf, text } from "./fields";

/** Hands, and questions, that a page takes at most: the studio sends 50 and fewer. */
export const ROWS_MAX = 200;

/** A poll of one choice is none, and a phone shows six without scrolling. */
export const CHOICES_MIN = 2;
export const CHOICES_MAX = 6;

/** A raised hand; `id` is the claim that its invitation carries. */
export interface Ask {
  readonly id: string;
  readonly name: string;
  /** What the listener wrote. */
  readonly note: string;
  /** What a host wrote, which hosts alone see. */
  readonly hostNote: string;
  readonly sinceUtcUs: number;
  /** 0 where there is no invitation. */
  readonly invitedUntilUtcUs: number;
}

export interface Queue {
  readonly asks: readonly Ask[];
  readonly total: number;
}

const QUESTION_STATES = ["pending", "shown", "answered"] as const;
export const QUESTION_MODES = ["off", "approved", "open"] as const;
export type QuestionMode = (typeof QUESTION_MODES)[number];

export interface Question {
  readonly id: string;
  readonly text: string;
  readonly name: string;
  readonly backs: number;
  readonly state: (typeof QUESTION_STATES)[number];
}

export interface Poll {
  readonly id: string;
  readonly question: string;
  readonly choices: readonly string[];
  /** As many as there are choices. */
  readonly votes: readonly number[];
  readonly open: boolean;
}

export interface Audience {
  readonly mode: QuestionMode;
  readonly questions: readonly Question[];
  readonly poll: Poll | null;
}

/** One participant's connection to the studio, and what the studio hears of their room. */
export interface Line {
  readonly lossPct: number;
  readonly bufferMs: number;
  readonly noiseDbfs: number;
  readonly gainDb: number;
  readonly howls: boolean;
}

export type Lines = Readonly<Record<string, Line>>;

export const NOBODY: Queue = { asks: [], total: 0 };
export const NOTHING: Audience = { mode: "approved", questions: [], poll: null };

export function readQueue(value: Fields): Queue {
  const asks = records(value["asks"]).map((one) => ({
    id: text(one["id"]),
    name: text(one["name"]),
    note: text(one["note"]),
    hostNote: text(one["host_note"]),
    sinceUtcUs: number(one["since_utc_us"], 0),
    invitedUntilUtcUs: number(one["invited_until_utc_us"], 0),
  }));
  return { asks, total: Math.max(asks.length, number(value["total"], 0)) };
}

export function readAudience(value: Fields): Audience {
  const questions = records(value["questions"]).map((one) => ({
    id: text(one["id"]),
    text: text(one["text"]),
    name: text(one["name"]),
    backs: number(one["backs"], 0),
    state: oneOf(QUESTION_STATES, one["state"]),
  }));
  // Of an unknown mode the careful one is shown: nothing is seen unasked.
  const mode = QUESTION_MODES.find((one) => one === value["mode"]) ?? "approved";
  return { mode, questions, poll: readPoll(value["poll"]) };
}

/** Null where there is none: a poll without an id is one that was taken back. */
export function readPoll(value: unknown): Poll | null {
  if (!isRecord(value) || text(value["id"]) === "") return null;
  const choices = list(value["choices"]).slice(0, CHOICES_MAX).map(text);
  const votes = list(value["votes"]);
  return {
    id: text(value["id"]),
    question: text(value["question"]),
    choices,
    votes: choices.map((_, at) => Math.max(0, number(votes[at], 0))),
    open: value["open"] === true,
  };
}

export function readLines(value: unknown): Lines {
  if (!isRecord(value)) return {};
  const entries = Object.entries(value).slice(0, ROWS_MAX);
  return Object.fromEntries(entries.flatMap(([id, one]) => (isRecord(one) ? [[id, readLine(one)]] : [])));
}

function readLine(one: Fields): Line {
  return {
    lossPct: number(one["loss_pct"], 0),
    bufferMs: number(one["buffer_ms"], 0),
    noiseDbfs: number(one["noise_dbfs"], -90),
    gainDb: number(one["gain_db"], 0),
    howls: one["howls"] === true,
  };
}

/** Entries with an id, each id once: a list on the page is keyed by them. */
function records(value: unknown): Fields[] {
  const seen = new Set<unknown>([""]);
  return list(value)
    .slice(0, ROWS_MAX)
    .filter((one): one is Fields => {
      if (!isRecord(one) || typeof one["id"] !== "string" || seen.has(one["id"])) return false;
      seen.add(one["id"]);
      return true;
    });
}
