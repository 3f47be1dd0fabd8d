// Cuts an endless byte stream into the top-level boxes of ISO BMFF (ISO/IEC 14496-12).

/** A fragment of 18 messages is 12 kB; nothing honest comes near this. */
export const BOX_BYTES_MAX = 1 << 20;

const HEADER_BYTES = 8;
const LARGE_HEADER_BYTES = 16;

/** One box with its header, as it came. */
export interface Box {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The stream is not what this player understands. */
export class MalformedStreamError extends Error {}

/** Keeps what is half received until the rest arrives; at most one box and one chunk. */
export class BoxReader {
  private kept: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  /** Takes the next bytes and returns the boxes that are now complete. */
  push(chunk: Uint8Array): Box[] {
    const bytes = joined(this.kept, chunk);
    const boxes: Box[] = [];
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const size = boxSize(bytes, at);
      if (size === null || bytes.length - at < size) break;
      boxes.push({ type: fourcc(bytes, at + 4), bytes: bytes.slice(at, at + size) });
      at += size;
    }
    this.kept = bytes.slice(at);
    return boxes;
  }
}

/** The boxes inside `bytes[from, to)`, as views. */
export function childrenOf(bytes: Uint8Array<ArrayBuffer>, from: number, to = bytes.length): Box[] {
  const boxes: Box[] = [];
  let at = from;
  while (to - at >= HEADER_BYTES) {
    const size = boxSize(bytes, at);
    if (size === null || at + size > to) throw new MalformedStreamError("A box is longer than its parent.");
    boxes.push({ type: fourcc(bytes, at + 4), bytes: bytes.subarray(at, at + size) });
    at += size;
  }
  return boxes;
}

/** Size of the box at `at`, or null while its header is incomplete. */
function boxSize(bytes: Uint8Array<ArrayBuffer>, at: number): number | null {
  const view = viewOf(bytes);
  let size = view.getUint32(at);
  let header = HEADER_BYTES;
  if (size === 1) {
    if (bytes.length - at < LARGE_HEADER_BYTES) return null;
    size = readU64(view, at + 8);
    header = LARGE_HEADER_BYTES;
  }
  if (size < header || size > BOX_BYTES_MAX) {
    throw new MalformedStreamError(`A box of ${String(size)} bytes cannot be in this stream.`);
  }
  return size;
}

export function viewOf(bytes: Uint8Array<ArrayBuffer>): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Exact up to 2^53: 5,900 years of samples at 48 kHz. */
export function readU64(view: DataView, at: number): number {
  return view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
}

function fourcc(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function joined(left: Uint8Array<ArrayBuffer>, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
