// Reads the notices that travel inside the stream: `emsg` version 1 with an ID3v2.4 PRIV frame.
import { type Box, viewOf } from "./boxes";

export const EMSG_SCHEME = "https://aomedia.org/emsg/ID3";
export const PRIV_OWNER = "rostra";

/** What one notice may weigh; the house's own limit is 8 kB of JSON. */
export const NOTICE_BYTES_MAX = 16 * 1024;

/** Scheme, value and owner are short names; a longer one is not ours, and is not looked through. */
export const NAME_BYTES_MAX = 256;

/** A small event; `ptsSamples` counts 48 kHz samples since the run's epoch, `body` is flat JSON. */
export interface Notice {
  readonly kind: string;
  readonly ptsSamples: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The notices of one `emsg` box; none when it is not ours or damaged: sound matters more. */
export function readEmsg(box: Box): Notice[] {
  const bytes = box.bytes;
  if (bytes.length < 32 || bytes[8] !== 1) return [];
  const scheme = terminated(bytes, 32);
  if (scheme?.text !== EMSG_SCHEME) return [];
  const value = terminated(bytes, scheme.next);
  return value === null ? [] : readId3(bytes.subarray(value.next));
}

/** The notices of one ID3v2.4 tag (id3.org, "ID3 tag version 2.4.0", 3.1 and 4.27). */
export function readId3(tag: Uint8Array<ArrayBuffer>): Notice[] {
  if (tag.length < 10 || tag.length > NOTICE_BYTES_MAX || latin1(tag, 0, 3) !== "ID3") return [];
  const view = viewOf(tag);
  const end = Math.min(tag.length, 10 + syncsafe(view, 6));
  const notices: Notice[] = [];
  let at = 10;
  while (at + 10 <= end) {
    const size = syncsafe(view, at + 4);
    if (size === 0 || at + 10 + size > end) break;
    if (latin1(tag, at, at + 4) === "PRIV") {
      const notice = readPriv(tag.subarray(at + 10, at + 10 + size));
      if (notice !== null) notices.push(notice);
    }
    at += 10 + size;
  }
  return notices;
}

function readPriv(frame: Uint8Array): Notice | null {
  const owner = terminated(frame, 0);
  if (owner?.text !== PRIV_OWNER) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(frame.subarray(owner.next)));
    return asNotice(value);
  } catch {
    return null;
  }
}

function asNotice(value: unknown): Notice | null {
  if (!isRecord(value) || typeof value["kind"] !== "string") return null;
  const { kind, pts } = value;
  const known = typeof pts === "number" && Number.isFinite(pts);
  return { kind, ptsSamples: known ? pts : 0, body: value };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function syncsafe(view: DataView, at: number): number {
  const [a, b, c, d] = [0, 1, 2, 3].map((i) => view.getUint8(at + i) & 0x7f);
  return ((a ?? 0) << 21) | ((b ?? 0) << 14) | ((c ?? 0) << 7) | (d ?? 0);
}

function terminated(bytes: Uint8Array, from: number): { text: string; next: number } | null {
  const end = bytes.subarray(0, from + NAME_BYTES_MAX + 1).indexOf(0, from);
  return end < 0 ? null : { text: latin1(bytes, from, end), next: end + 1 };
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
