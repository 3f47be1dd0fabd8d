// Who is muted by whom: the page's own word, and what the studio shows.

export interface Shown {
  readonly muted: boolean;
}

/** What the page has to become: muted by a host, muted for another reason, or as it is. */
export type Muting = "byHost" | "byStudio" | "same";

/**
 * The studio's word counts, for it is what is heard; but not while it has not answered this page.
 *
 * `mine` and `before` are oneself in the new and in the last view, `asking` how many commands to
 * mute or unmute are under way.
 */
export function mutingAfter(
  own: boolean,
  mine: Shown | undefined,
  before: Shown | undefined,
  asking: number,
): Muting {
  if (mine?.muted !== true || own || asking > 0) return "same";
  return before?.muted === false ? "byHost" : "byStudio";
}

/** Whether one is muted still: the studio has not carried out the unmuting, and shows it. */
export function stillMuted(on: boolean, carriedOut: boolean, mine: Shown | undefined): boolean {
  return !on && !carriedOut && mine?.muted === true;
}

/** The large word at one's own microphone, as a key of the stage's words. */
export type MicWord = "muted" | "notHeard" | "live" | "open";

export function micWord(muted: boolean, connected: boolean, live: boolean): MicWord {
  if (muted) return "muted";
  if (!connected) return "notHeard";
  return live ? "live" : "open";
}
