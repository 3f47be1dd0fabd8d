// Edges on a virtual clock: each connection is there to be given pieces, refused, or ended by the test.
import type { Piece, readStream } from "../src/push/stream";
import { RefusedError } from "../src/push/stream";

/** One connection that a player opened. */
export class FakeConnection {
  open = true;
  private end: (error: Error | null) => void = () => undefined;

  constructor(
    readonly url: URL,
    readonly atMs: number,
    private readonly give: (piece: Piece) => void,
  ) {}

  get edge(): string {
    return this.url.hostname;
  }

  /** The sound from `fromS` to `toS`, in one fragment. */
  sound(fromS: number, toS: number): void {
    this.give({ kind: "fragment", bytes: new Uint8Array(1), span: { startS: fromS, endS: toS } });
  }

  head(): void {
    this.give({ kind: "head", bytes: new Uint8Array(2) });
  }

  notice(kind: string, body: Record<string, unknown>, ptsSamples = 0): void {
    this.give({ kind: "notices", notices: [{ kind, body, ptsSamples }] });
  }

  ends(error: Error | null = null): void {
    this.open = false;
    this.end(error);
  }

  refuses(status: number, code: string, more: { place?: number; waitS?: number } = {}): void {
    this.ends(new RefusedError(status, { sentence: code === "" ? "" : "No.", code, ...more }));
  }

  over(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.end = (error) => (error === null ? resolve() : reject(error));
    });
  }
}

export class FakeEdges {
  readonly opened: FakeConnection[] = [];
  /** What happens to a connection as soon as it is asked for. */
  met: (one: FakeConnection) => void = () => undefined;

  readonly read: typeof readStream = (url, signal, give) => {
    const one = new FakeConnection(new URL(url), performance.now(), give);
    this.opened.push(one);
    const over = one.over();
    signal.addEventListener("abort", () => one.ends(new Error("aborted")), { once: true });
    this.met(one);
    return over;
  };

  get last(): FakeConnection {
    const one = this.opened.at(-1);
    if (one === undefined) throw new Error("nobody connected");
    return one;
  }

  /** Hosts that were asked, in order. */
  get asked(): string[] {
    return this.opened.map((one) => one.edge);
  }
}
