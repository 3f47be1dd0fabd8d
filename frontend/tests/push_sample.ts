// A stream as an edge writes it, small enough to build by hand, and chance from a seed.
import { EMSG_SCHEME } from "../src/push/notice";

export type Bytes = Uint8Array<ArrayBuffer>;

/** Park and Miller's generator: the same numbers for the same seed, in [0, 1). */
export function chances(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

export function bytesOf(...parts: (number[] | string | Uint8Array)[]): Bytes {
  const arrays = parts.map((part) => (typeof part === "string" ? new TextEncoder().encode(part) : Uint8Array.from(part)));
  const whole = new Uint8Array(arrays.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of arrays) {
    whole.set(one, at);
    at += one.length;
  }
  return whole;
}

export function u32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

export function box(type: string, ...inside: (number[] | string | Uint8Array)[]): Bytes {
  const body = bytesOf(...inside);
  return bytesOf(u32(body.length + 8), type, body);
}

/** `moov` of one track: 48 kHz, and so many samples a frame: 1024 of AAC, 960 of Opus. */
export function head(frameSamples = 1024): Bytes {
  const mdhd = box("mdhd", u32(0), u32(0), u32(0), u32(48_000), u32(0), u32(0));
  const trex = box("trex", u32(0), u32(1), u32(1), u32(frameSamples), u32(0), u32(0));
  return bytesOf(box("ftyp", "iso6"), box("moov", box("trak", box("mdia", mdhd)), box("mvex", trex)));
}

/** `moof mdat` of `frames` AAC frames that starts at `pts` samples. */
export function fragment(pts: number, frames: number): Bytes {
  const tfhd = box("tfhd", u32(0x2_0000), u32(1), u32(0));
  const tfdt = box("tfdt", [1, 0, 0, 0], u32(0), u32(pts));
  const trun = box("trun", u32(0), u32(frames));
  return bytesOf(box("moof", box("traf", tfhd, tfdt, trun)), box("mdat", new Uint8Array(frames * 8)));
}

/** An ID3v2.4 tag with one PRIV frame of `owner`. */
export function tag(body: string, owner = "rostra"): Bytes {
  const priv = bytesOf(owner, [0], body);
  const frame = bytesOf("PRIV", syncsafe(priv.length), [0, 0], priv);
  return bytesOf("ID3", [4, 0, 0], syncsafe(frame.length), frame);
}

export function emsg(body: string, scheme: string = EMSG_SCHEME): Bytes {
  const fixed = [[1, 0, 0, 0], u32(48_000), u32(0), u32(0), u32(0), u32(1)];
  return box("emsg", ...fixed, scheme, [0], [0], tag(body));
}

function syncsafe(size: number): number[] {
  return [(size >>> 21) & 127, (size >>> 14) & 127, (size >>> 7) & 127, size & 127];
}
