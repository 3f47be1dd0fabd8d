// One endless response, read into heads, fragments and notices.
import { type Box, BoxReader, MalformedStreamError } from "./boxes";
import { readSpan, readTrack, type Span, type Track } from "./fragment";
import { isRecord, type Notice, readEmsg } from "./notice";

/** Milliseconds until the first byte; an edge answers at once, a dead address never. */
export const FIRST_BYTE_MAX_MS = 5_000;

/** Milliseconds without sound before the connection counts as lost: three ticks of 1.92 s, the longest. */
export const SILENCE_MAX_MS = 6_000;

const NO_WORDS: Refusal = { sentence: "", code: "" };

export type Piece =
  | { readonly kind: "head"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "fragment"; readonly bytes: Uint8Array<ArrayBuffer>; readonly span: Span }
  | { readonly kind: "notices"; readonly notices: readonly Notice[] };

/** Why an edge refuses: its sentence for a person, and a code that a page has words for. */
export interface Refusal {
  readonly sentence: string;
  readonly code: string;
  /** About so many are before this one in the queue. */
  readonly place?: number | undefined;
  /** Seconds until the next try, as the answer's body or its Retry-After says. */
  readonly waitS?: number | undefined;
}

/** The edge, or whoever stands before it, answered, but not with the stream. */
export class RefusedError extends Error {
  readonly code: string;
  readonly place: number | undefined;
  readonly waitS: number | undefined;

  constructor(
    readonly status: number,
    refusal: Refusal,
  ) {
    super(refusal.sentence);
    this.code = refusal.code;
    this.place = refusal.place;
    this.waitS = refusal.waitS;
  }
}

/** No sound for too long. Where the edge still `spoke`, this form of the stream has none. */
export class SilentError extends Error {
  constructor(readonly spoke: boolean) {
    super("silent");
  }
}

/** Puts boxes together into what a SourceBuffer takes: `ftyp moov`, and `moof mdat`. */
export class PieceReader {
  private readonly boxes = new BoxReader();
  private held: Box | null = null;
  private track: Track | null = null;

  push(chunk: Uint8Array): Piece[] {
    return this.boxes.push(chunk).flatMap((box) => this.piece(box));
  }

  private piece(box: Box): Piece[] {
    switch (box.type) {
      case "emsg":
        return [{ kind: "notices", notices: readEmsg(box) }];
      case "ftyp":
      case "moof":
        this.held = box;
        return [];
      case "moov":
        this.track = readTrack(box);
        return [{ kind: "head", bytes: this.after("ftyp", box) }];
      case "mdat":
        return [this.fragment(box)];
      default:
        return [];
    }
  }

  private fragment(mdat: Box): Piece {
    if (this.track === null || this.held === null) {
      throw new MalformedStreamError("The stream brought sound before its head.");
    }
    const span = readSpan(this.held, this.track);
    return { kind: "fragment", bytes: this.after("moof", mdat), span };
  }

  private after(type: string, box: Box): Uint8Array<ArrayBuffer> {
    const first = this.held?.type === type ? this.held.bytes : new Uint8Array(0);
    this.held = null;
    const bytes = new Uint8Array(first.length + box.bytes.length);
    bytes.set(first);
    bytes.set(box.bytes, first.length);
    return bytes;
  }
}

/**
 * Reads `url` until it ends, is aborted or falls silent; gives each piece as it completes.
 * Throws RefusedError, MalformedStreamError, or what `fetch` throws.
 */
export async function readStream(
  url: string,
  outer: AbortSignal,
  give: (piece: Piece) => void,
  get: typeof fetch = fetch,
): Promise<void> {
  const own = new AbortController();
  const abort = (): void => own.abort(outer.reason);
  outer.addEventListener("abort", abort, { once: true });
  let [soundMs, spokeMs] = [performance.now(), 0];
  const silent = (): void => own.abort(new SilentError(spokeMs - soundMs > SILENCE_MAX_MS / 2));
  let patience = setTimeout(silent, FIRST_BYTE_MAX_MS);
  try {
    const response = await get(url, { signal: own.signal, cache: "no-store", credentials: "omit" });
    if (!response.ok) throw new RefusedError(response.status, await refusalOf(response));
    const body = response.body?.getReader();
    if (body === undefined) throw new RefusedError(response.status, NO_WORDS);
    const pieces = new PieceReader();
    for (;;) {
      const { value, done } = await body.read();
      if (done) return;
      for (const piece of pieces.push(value)) {
        // Notices alone are no programme: an edge can go on telling them without a sound.
        if (piece.kind === "notices") spokeMs = performance.now();
        else {
          soundMs = performance.now();
          clearTimeout(patience);
          patience = setTimeout(silent, SILENCE_MAX_MS);
        }
        give(piece);
      }
    }
  } finally {
    clearTimeout(patience);
    outer.removeEventListener("abort", abort);
    own.abort();
  }
}

/** What a house's error says; nothing where the body is somebody else's. */
export async function refusalOf(response: Response): Promise<Refusal> {
  const body: unknown = await response.json().catch(() => null);
  const error = isRecord(body) && isRecord(body["error"]) ? body["error"] : {};
  const { sentence, code, place, wait_s: waitS } = error;
  return {
    sentence: typeof sentence === "string" ? sentence : "",
    code: typeof code === "string" ? code : "",
    place: positive(place),
    waitS: positive(waitS) ?? positive(Number(response.headers.get("Retry-After"))),
  };
}

function positive(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;
}
