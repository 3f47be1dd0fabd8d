// Chooses an edge: weighted rendezvous hashing spreads a crowd without asking anybody.
import { isRecord } from "./notice";

/** One edge as `/live/edges.json` lists it. */
export interface Edge {
  readonly id: string;
  readonly bases: readonly string[];
  readonly weight: number;
  /** It takes nobody new any more: the last resort. */
  readonly draining: boolean;
}

/** Edges that one page looks at; a house with more sends a part of its list. */
export const EDGES_MAX = 512;

/** Reads `edges.json`; what is not an edge is skipped. */
export function readEdges(value: unknown): Edge[] {
  const list: unknown = isRecord(value) ? value["edges"] : value;
  if (!Array.isArray(list)) return [];
  return list.slice(0, EDGES_MAX).flatMap((one: unknown) => {
    if (!isRecord(one) || typeof one["id"] !== "string" || !Array.isArray(one["bases"])) return [];
    const bases = one["bases"].filter((base) => typeof base === "string");
    const weight = typeof one["weight"] === "number" && one["weight"] > 0 ? one["weight"] : 1;
    return [{ id: one["id"], bases, weight, draining: one["draining"] === true }];
  });
}

/** Edges in this listener's order, its own first (Mosko et al.: score = -weight / ln hash). */
export function ordered(edges: readonly Edge[], listener: string): Edge[] {
  const scored = edges.map((edge) => ({ edge, score: score(edge, listener) }));
  scored.sort((left, right) => right.score - left.score || (left.edge.id < right.edge.id ? -1 : 1));
  return scored.map((one) => one.edge);
}

/**
 * Addresses to try in order; the page's own origin comes after all edges, and after it those that
 * drain. Who moves away from the edges at `leaving` goes neither back to them nor to one that drains.
 */
export function candidates(edges: readonly Edge[], listener: string, page: URL, ...leaving: string[]): string[] {
  const mine = ordered(edges, listener).map((edge) => ({
    draining: edge.draining,
    bases: edge.bases.flatMap((base) => resolved(base, page)),
  }));
  const left = (bases: readonly string[]): boolean => bases.some((base) => leaving.includes(base));
  const open = mine.filter((edge) => !edge.draining && !left(edge.bases)).flatMap((edge) => edge.bases);
  const closing = mine.filter((edge) => edge.draining && leaving.length === 0).flatMap((edge) => edge.bases);
  const found = new Set(open);
  found.delete(page.origin);
  return [...found, page.origin, ...closing.filter((base) => base !== page.origin)];
}

/** `:PORT` is this page's host at that port, `/path` goes through the front door; none for no address. */
function resolved(base: string, page: URL): string[] {
  const whole = base.startsWith(":") ? `${page.protocol}//${page.hostname}${base}` : base;
  if (!URL.canParse(whole, page)) return [];
  const { protocol, href } = new URL(whole, page);
  return protocol === "http:" || protocol === "https:" ? [href.replace(/\/+$/, "")] : [];
}

function score(edge: Edge, listener: string): number {
  return -edge.weight / Math.log(unit(`${listener}\n${edge.id}`));
}

/** FNV-1a with an avalanche (MurmurHash3's finaliser), as a number inside (0, 1). */
function unit(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) + 0.5) / 0x1_0000_0000;
}
