// The desk's API, as docs/reference/http.md describes it.
import { within } from "../common/deadline";
import { isRecord } from "../push/notice";

/** An answer that takes longer counts as none; a studio's answer to an offer takes under 3 s. */
export const ANSWER_MAX_MS = 10_000;

/** For a file's way, and a minute to read it. */
export const UPLOAD_MAX_MS = 180_000;

const JSON_BODY = { "Content-Type": "application/json" };

/** The desk refused or did not answer; `sentence` is the desk's own, empty where it said nothing. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly sentence: string,
    readonly field: string | null,
  ) {
    super(sentence);
  }
}

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly role: string;
}

export interface Me {
  readonly account: Account | null;
  readonly accounts_open: boolean;
}

export interface SpaceRow {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly language: string;
  readonly hosts: readonly string[];
  readonly t0_utc: string;
  readonly state: string;
  readonly listening: number;
  readonly listen_url: string;
}

export interface Links {
  readonly id: string;
  readonly listen_url: string;
  readonly host_url: string;
  readonly speaker_url: string;
}

export type OwnSpaceRow = SpaceRow & Links;

export interface NewSpace {
  readonly title: string;
  readonly description: string;
  readonly at: string;
  readonly hosts: readonly string[];
  readonly language: string;
}

export interface TicketFacts {
  readonly space: string;
  readonly role: string;
  readonly name: string;
  readonly title: string;
  readonly state: string;
  readonly t0_utc: string;
  readonly ice_servers: readonly RTCIceServer[];
  readonly listen_url: string;
  /** For hosts; empty for speakers. */
  readonly speaker_url: string;
}

export interface StageAnswer {
  readonly sdp: string;
  readonly participant: string;
  readonly resume: string;
}

/** What became of a sound file. */
export interface SoundMade {
  readonly seconds: number;
  readonly lufs: number;
  readonly cut: boolean;
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const given = body === undefined ? { headers: {} } : { headers: JSON_BODY, body: JSON.stringify(body) };
  return asked<T>(path, ANSWER_MAX_MS, { method, ...given });
}

async function asked<T>(path: string, maxMs: number, given: RequestInit & { headers: Record<string, string> }): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1/${path}`, {
      ...given,
      credentials: "same-origin",
      signal: within(maxMs),
      headers: { "Accept-Language": document.documentElement.lang, ...given.headers },
    });
  } catch {
    throw new ApiError(0, "", null);
  }
  const value: unknown = await response.json().catch(() => null);
  if (!response.ok) throw refusal(response.status, value);
  return value as T;
}

function refusal(status: number, value: unknown): ApiError {
  const error = isRecord(value) && isRecord(value["error"]) ? value["error"] : {};
  const { sentence, field } = error;
  return new ApiError(
    status,
    typeof sentence === "string" ? sentence : "",
    typeof field === "string" ? field : null,
  );
}

/** Sends a file as a body, by the session's right, or by that of a link's ticket. */
async function upload<T>(path: string, file: File, ticket: string): Promise<T> {
  return asked<T>(path, UPLOAD_MAX_MS, {
    method: "POST",
    body: file,
    headers: ticket === "" ? {} : { Authorization: `Ticket ${ticket}` },
  });
}

const part = encodeURIComponent;

export const api = {
  me: () => call<Me>("GET", "me"),
  signIn: (name: string, password: string) => call<null>("POST", "session", { name, password }),
  signOut: () => call<null>("DELETE", "session"),
  register: (name: string, password: string, token: string) =>
    call<unknown>("POST", "accounts", { name, password, ...(token === "" ? {} : { token }) }),
  invite: () => call<{ url: string }>("POST", "invitations"),
  spaces: () => call<{ live: SpaceRow[]; coming: SpaceRow[] }>("GET", "spaces"),
  mine: () => call<{ spaces: OwnSpaceRow[] }>("GET", "spaces/mine"),
  create: (space: NewSpace) => call<Links>("POST", "spaces", space),
  act: (id: string, action: "start" | "end" | "cancel") =>
    call<{ state: string }>("POST", `spaces/${part(id)}/${action}`),
  ticket: (word: string) => call<TicketFacts>("GET", `tickets/${part(word)}`),
  claim: (space: string, secret: string, sdp: string, name: string, device: string) =>
    call<StageAnswer>("POST", `spaces/${part(space)}/claim`, { secret, sdp, name, device }),
  stage: (space: string, ticket: string, sdp: string, name: string, device: string, photo: string) =>
    call<StageAnswer>("POST", `spaces/${part(space)}/stage`, { ticket, sdp, name, device, photo }),
  /** `which` is `hold`, or `announcements/…`. */
  sound: (space: string, which: string, file: File) => upload<SoundMade>(`spaces/${part(space)}/${which}`, file, ""),
  dropSound: (space: string) => call<null>("DELETE", `spaces/${part(space)}/hold`),
  photo: (space: string, ticket: string, file: File) =>
    upload<{ photo: string }>(`spaces/${part(space)}/photo`, file, ticket),
};
