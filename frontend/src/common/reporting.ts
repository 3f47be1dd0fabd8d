// Sends a report of trouble to the watch, with a proof of work where one is asked for.
import { isRecord } from "../push/notice";

/** A phone that is three times as slow as a desktop needs some ten seconds. */
export const SOLVING_MAX_MS = 60_000;

export const OUTCOMES = ["counted", "unproven", "repeat", "surplus"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export type Fact = string | number | boolean;

export interface Report {
  readonly component: string;
  readonly kind: string;
  readonly place: string;
  readonly source: "page" | "listener";
  readonly facts: Readonly<Record<string, Fact>>;
}

export type Sent = { readonly outcome: Outcome } | { readonly refused: string };

export interface Means {
  readonly fetch: typeof fetch;
  /** The solution of a challenge, or null where this browser finds none. */
  readonly solve: (challenge: unknown) => Promise<unknown>;
  /** The device is computing now: a word about it may be shown. */
  readonly working: () => void;
}

/** Sends it to `api`, the address that ends with `/status/api`. Rejects where nothing answers. */
export async function send(api: string, report: Report, means: Means): Promise<Sent> {
  const proof = await proofFor(api, report.component, means);
  const answer = await means.fetch(`${api}/reports`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ ...report, proof }),
  });
  return readSent(await answer.json().catch(() => null));
}

/** What became of a report, read from the watch's answer. */
export function readSent(value: unknown): Sent {
  if (isRecord(value)) {
    const outcome = OUTCOMES.find((one) => one === value["outcome"]);
    if (outcome !== undefined) return { outcome };
    const error = value["error"];
    if (isRecord(error) && typeof error["sentence"] === "string") return { refused: error["sentence"] };
  }
  return { refused: "" };
}

/** A report without a proof is taken too, so nothing that fails here keeps it back. */
async function proofFor(api: string, component: string, means: Means): Promise<string> {
  try {
    const asked = await means.fetch(`${api}/challenge?component=${encodeURIComponent(component)}`);
    const told: unknown = await asked.json();
    if (!isRecord(told) || told["needed"] !== true) return "";
    means.working();
    const challenge = told["challenge"];
    const solution = await means.solve(challenge);
    return solution === null || !isRecord(challenge) ? "" : wrapped(challenge, solution);
  } catch {
    return "";
  }
}

/** ALTCHA's payload: challenge and solution, as base64 of their JSON. */
export function wrapped(challenge: Record<string, unknown>, solution: unknown): string {
  const { parameters, signature } = challenge;
  const bytes = new TextEncoder().encode(JSON.stringify({ challenge: { parameters, signature }, solution }));
  return btoa(String.fromCharCode(...bytes));
}

/** Solves in a worker; null where it takes too long or the page is not secure (no WebCrypto). */
export function solveInWorker(challenge: unknown): Promise<unknown> {
  if (!isSecureContext) return Promise.resolve(null);
  return new Promise((resolve) => {
    const worker = new Worker(new URL("./solver.ts", import.meta.url), { type: "module" });
    const end = (solution: unknown): void => {
      clearTimeout(late);
      worker.terminate();
      resolve(solution);
    };
    const late = setTimeout(() => end(null), SOLVING_MAX_MS);
    worker.addEventListener("message", (event: MessageEvent<unknown>) => end(event.data));
    worker.addEventListener("error", () => end(null));
    worker.postMessage(challenge);
  });
}
