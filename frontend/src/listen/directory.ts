// Knows the edges: reads `edges.json` and keeps the last good list when the house does not answer.
import { within } from "../common/deadline";
import { candidates, type Edge, readEdges } from "../push/edges";

/** Milliseconds to wait for the list; without it the page's own origin still works. */
export const LIST_MAX_MS = 4_000;

/** A list older than this is asked for again before the next connection. */
export const LIST_AGE_MAX_MS = 20_000;

/** Who has to leave an edge wants to know which others are open now. */
export const LEAVING_AGE_MAX_MS = 2_000;

export class Directory {
  private edges: readonly Edge[] = [];
  private readMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly page: URL,
    private readonly listener: string,
  ) {}

  async bases(...leaving: string[]): Promise<readonly string[]> {
    const ageMaxMs = leaving.length === 0 ? LIST_AGE_MAX_MS : LEAVING_AGE_MAX_MS;
    if (performance.now() - this.readMs > ageMaxMs) await this.read();
    return candidates(this.edges, this.listener, this.page, ...leaving);
  }

  private async read(): Promise<void> {
    try {
      const response = await fetch(new URL("/live/edges.json", this.page), { signal: within(LIST_MAX_MS) });
      if (!response.ok) return;
      this.edges = readEdges(await response.json());
      this.readMs = performance.now();
    } catch {
      return; // The last list, or the page's own origin, is tried instead.
    }
  }
}
