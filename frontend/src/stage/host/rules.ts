// What a host may do and is told, as pure rules; the studio checks all of it again.
import { CHOICES_MAX, CHOICES_MIN, type Line, type Poll } from "../hosting";
import type { Seated, StageView, Where } from "../link";
import { NOISE_DBFS } from "../microphone";
import { type Network, networkOf } from "../quality";

/** Minutes that a host gives a speaker, or moves T0 by, with one press. */
export const LIMITS_MIN: readonly number[] = [1, 2, 5];
export const LATER_MIN: readonly number[] = [5, 10, 15];

/** Above this the automatic gain has much to do: the microphone is far away or turned down. */
export const FAINT_GAIN_DB = 12;

/** How far the page of a listener plays behind the stage on a calm network (README, "What works today"). */
export const BEHIND_S = 0.4;

/** A screen reader is told the number of hands so often at most. */
export const SPOKEN_MS = 10_000;

/** Chars of what hosts write. */
export const MESSAGE_CHARS_MAX = 280;
export const NOTE_CHARS_MAX = 140;
export const POLL_CHARS_MAX = 140;
export const CHOICE_CHARS_MAX = 60;

export interface Rights {
  /** Off the stage, banned, another role: a co-host does none of these to a host. */
  readonly remove: boolean;
  readonly role: boolean;
}

/** What one of role `mine` may do to somebody of role `theirs`. */
export function rightsOver(mine: string, theirs: string): Rights {
  const leads = mine === "host" || mine === "cohost";
  return { remove: leads && (mine === "host" || theirs !== "host"), role: leads && theirs !== "host" };
}

export function seated(people: readonly Seated[], where: Where): readonly Seated[] {
  return people.filter((person) => person.where === where);
}

export type Room = "quiet" | "loud" | "unknown";

/** A connection and a microphone in words; null where the studio has not told yet. */
export interface Heard {
  readonly network: Network;
  readonly room: Room;
  readonly faint: boolean;
  readonly howls: boolean;
}

export function heardOn(line: Line | undefined): Heard | null {
  if (line === undefined) return null;
  const { noiseDbfs, gainDb, howls } = line;
  const room = noiseDbfs <= -90 ? "unknown" : noiseDbfs > NOISE_DBFS ? "loud" : "quiet";
  return { network: networkOf(line), room, faint: gainDb >= FAINT_GAIN_DB, howls };
}

/** Whole seconds until a moment, 0 when it is over or there is none. */
export function secondsTo(untilUs: number, nowUs: number): number {
  return untilUs === 0 ? 0 : Math.max(0, Math.ceil((untilUs - nowUs) / 1_000_000));
}

/** "2:05". */
export function minutes(seconds: number): string {
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, "0")}`;
}

export function before(state: string): boolean {
  return state === "scheduled" || state === "lobby";
}

/** Whether T0 is no longer what was announced. */
export function slipped(view: StageView): boolean {
  return before(view.state) && view.plannedT0UtcUs > 0 && view.plannedT0UtcUs !== view.t0UtcUs;
}

/** Where a hand goes: one up or down in a queue of so many; null where it cannot. */
export function moved(at: number, by: -1 | 1, length: number): number | null {
  const to = at + by;
  return to >= 0 && to < length ? to : null;
}

/** The share of each choice in whole percents; all 0 before the first vote. */
export function shares(poll: Poll): readonly number[] {
  const total = poll.votes.reduce((sum, one) => sum + one, 0);
  return poll.votes.map((one) => (total === 0 ? 0 : Math.round((one / total) * 100)));
}

/** The choices that a poll can be opened with, or null: too few, or two that are the same. */
export function choicesOf(typed: readonly string[]): readonly string[] | null {
  const choices = typed.map((one) => one.trim()).filter((one) => one !== "");
  const different = new Set(choices.map((one) => one.toLocaleLowerCase())).size === choices.length;
  return different && choices.length >= CHOICES_MIN && choices.length <= CHOICES_MAX ? choices : null;
}
