// What the listener's page asks the watch, and what it may tell it: rules without a page.
import type { Fact } from "../common/reporting";
import { within } from "../common/deadline";
import { isRecord } from "../push/notice";

/** In its first minute a crowd asks the house for nothing that it can do without. */
export const CROWD_MS = 60_000;
/** The watch's line is asked for every five minutes... */
export const BANNER_MS = 300_000;
/** ...but in trouble once a minute at the most... */
export const TROUBLE_MS = 60_000;
/** ...all of it spread over this share of the wait, so that listeners do not ask in step... */
export const SPREAD = 0.5;
/** ...and never this near to T0. */
export const T0_CLEAR_US = 5_000_000;

/** The front door gives up on a dead watch after five seconds; a dead one may say nothing at all. */
export const ANSWER_MS = 8_000;

/** The watch's own address as the page's state names it: `:PORT` is the page's host at that port. Empty: none is told. */
export function watchAt(told: string | null, page: URL): string {
  let value: unknown = null;
  try {
    value = JSON.parse(told ?? "null");
  } catch {
    return "";
  }
  const watch = isRecord(value) && typeof value["watch"] === "string" ? value["watch"] : "";
  const whole = /^:\d+$/.test(watch) ? `${page.protocol}//${page.hostname}${watch}` : watch;
  return /^https?:\/\//.test(whole) && URL.canParse(whole) ? whole.replace(/\/+$/, "") : "";
}

/** Where this page finds the watch when the front door is dead. */
export function ownAddress(): string {
  return watchAt(document.getElementById("rostra-state")?.textContent ?? null, new URL(location.href));
}

/**
 * Runs `call` through the page's own origin and, where no watch answers there, at the watch's address `own`.
 * The `ask` it is given rejects for answers that are not the watch's; the base that answered comes with the result.
 */
export async function atWatch<Found>(
  own: string,
  fetcher: typeof fetch,
  call: (base: string, ask: typeof fetch) => Promise<Found>,
): Promise<{ base: string; found: Found }> {
  const ask: typeof fetch = async (input, init) => {
    const answer = await fetcher(input, { ...init, signal: within(ANSWER_MS) });
    // 502 to 504 are a front door's without a watch, 404 and 405 those of an edge at its own port.
    if (answer.status >= 500 || answer.status === 404 || answer.status === 405) throw new Error(`status ${answer.status}`);
    return answer;
  };
  try {
    return { base: "", found: await call("", ask) };
  } catch (error) {
    if (own === "") throw error;
    return { base: own, found: await call(own, ask) };
  }
}

export const KINDS = ["cannot_join", "no_sound", "broken_sound", "echo", "late", "cannot_speak", "other"] as const;
export type Kind = (typeof KINDS)[number];

/** The component that a house without a configured list gives its listening. */
export const LISTENING = "listening";
/** A page that lists more is read by nobody; the watch allows as many. */
export const COMPONENTS_MAX = 200;

export interface Banner {
  readonly text: string;
  readonly url: string;
}

/** When the line may be asked for next, on the clock of `performance.now()`. */
export function bannerAtMs(openedMs: number, askedMs: number | null, trouble: boolean, chance: number): number {
  const wait = trouble ? TROUBLE_MS : BANNER_MS;
  const first = openedMs + CROWD_MS;
  // The first time of a page in trouble is soon after the crowd's minute, for each at another moment.
  const from = askedMs === null ? first + (trouble ? 0 : wait - CROWD_MS) : askedMs + wait;
  return Math.max(first, from) + chance * SPREAD * wait;
}

/** The house is at its start: everything that is not the sound waits. */
export function nearT0(houseUs: number, t0UtcUs: number | null): boolean {
  return t0UtcUs !== null && t0UtcUs > 0 && Math.abs(houseUs - t0UtcUs) <= T0_CLEAR_US;
}

/** The watch's line in the reader's language, or null where nothing is wrong. */
export function readBanner(value: unknown, lang: string): Banner | null {
  if (!isRecord(value) || value["open"] !== true || !isRecord(value["text"])) return null;
  const text = value["text"][lang];
  if (typeof text !== "string" || text === "") return null;
  const url = typeof value["url"] === "string" && /^https?:\/\//.test(value["url"]) ? value["url"] : "/status";
  return { text, url };
}

export interface Component {
  readonly id: string;
  readonly name: string;
}

/** The components of Statuspage's `components.json`. */
export function readComponents(value: unknown): Component[] {
  if (!isRecord(value) || !Array.isArray(value["components"])) return [];
  return value["components"].slice(0, COMPONENTS_MAX).flatMap((one: unknown) => {
    if (!isRecord(one) || typeof one["id"] !== "string" || one["group"] === true) return [];
    return [{ id: one["id"], name: typeof one["name"] === "string" ? one["name"] : one["id"] }];
  });
}

/** The family alone: a version would tell people apart. */
export function browserFamily(userAgent: string): string {
  if (/Firefox\//.test(userAgent)) return "firefox";
  if (/Chrom(e|ium)\//.test(userAgent)) return "chromium";
  return /Safari\//.test(userAgent) ? "safari" : "other";
}

/** An edge's name as one word: `edge2.example.org-8012`; the page's own origin is `own`. */
export function edgeWord(base: string): string {
  const name = base.replace(/^https?:\/\//, "").replace(/[^A-Za-z0-9.-]+/g, "-").replace(/^-+|-+$/g, "");
  return name === "" ? "own" : name.toLowerCase().slice(0, 24).replace(/[-.]+$/, "");
}

/** What the player knows of its own playing, by the names that the watch takes. */
export function factsOf(told: Readonly<Record<string, unknown>>, userAgent: string): Record<string, Fact> {
  const facts: Record<string, Fact> = { page: "listen", browser: browserFamily(userAgent) };
  const { transport, codec, phase, latency_s: latencyS, stalls, jumps, connections, base } = told;
  if (typeof transport === "string") facts["transport"] = transport;
  if (typeof codec === "string") facts["codec"] = codec;
  if (typeof phase === "string") facts["state"] = phase;
  if (typeof latencyS === "number") facts["latency_ms"] = Math.round(latencyS * 1000);
  if (typeof stalls === "number") facts["stalls"] = stalls;
  if (typeof jumps === "number") facts["skips"] = jumps;
  if (typeof connections === "number") facts["reconnects"] = connections;
  if (typeof base === "string") facts["edge"] = edgeWord(base);
  return facts;
}
