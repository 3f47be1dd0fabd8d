// Reads when a fragment starts and how long it lasts (ISO/IEC 14496-12, 8.8).
import { type Box, childrenOf, MalformedStreamError, readU64, viewOf } from "./boxes";

/** What `moov` says about the one track: ticks a second, and a sample's usual duration in them. */
export interface Track {
  readonly timescale: number;
  readonly sampleDuration: number;
}

/** One `moof` on the timeline, in seconds since the run's epoch. */
export interface Span {
  readonly startS: number;
  readonly endS: number;
}

const TFHD_BASE_DATA_OFFSET = 0x1;
const TFHD_DESCRIPTION_INDEX = 0x2;
const TFHD_DEFAULT_DURATION = 0x8;
const TRUN_DATA_OFFSET = 0x1;
const TRUN_FIRST_FLAGS = 0x4;
const TRUN_DURATION = 0x100;
const TRUN_PER_SAMPLE = [0x100, 0x200, 0x400, 0x800] as const;

/** Reads `moov`; the sample duration is 1024 (an AAC frame) where it states none. */
export function readTrack(moov: Box): Track {
  const mdhd = find(moov, ["trak", "mdia", "mdhd"]);
  if (mdhd === null) throw new MalformedStreamError("The stream's head describes no track.");
  const at = bounded(mdhd, 24).getUint8(8) === 1 ? 28 : 20;
  const timescale = bounded(mdhd, at + 4).getUint32(at);
  if (timescale === 0) throw new MalformedStreamError("The stream's head states no timescale.");
  const trex = find(moov, ["mvex", "trex"]);
  const stated = trex === null ? 0 : bounded(trex, 24).getUint32(20);
  return { timescale, sampleDuration: stated === 0 ? 1024 : stated };
}

/** Reads `moof` of the one track. */
export function readSpan(moof: Box, track: Track): Span {
  const tfdt = find(moof, ["traf", "tfdt"]);
  if (tfdt === null) throw new MalformedStreamError("A fragment states no decode time.");
  const view = bounded(tfdt, 16);
  const start = view.getUint8(8) === 1 ? readU64(bounded(tfdt, 20), 12) : view.getUint32(12);
  const usual = usualDuration(find(moof, ["traf", "tfhd"]), track);
  const trun = find(moof, ["traf", "trun"]);
  const length = trun === null ? 0 : runDuration(trun, usual);
  return { startS: start / track.timescale, endS: (start + length) / track.timescale };
}

function usualDuration(tfhd: Box | null, track: Track): number {
  if (tfhd === null) return track.sampleDuration;
  const view = bounded(tfhd, 16);
  const flags = view.getUint32(8) & 0xff_ffff;
  if ((flags & TFHD_DEFAULT_DURATION) === 0) return track.sampleDuration;
  let at = 16;
  if ((flags & TFHD_BASE_DATA_OFFSET) !== 0) at += 8;
  if ((flags & TFHD_DESCRIPTION_INDEX) !== 0) at += 4;
  return bounded(tfhd, at + 4).getUint32(at);
}

function runDuration(trun: Box, usual: number): number {
  const view = bounded(trun, 16);
  const flags = view.getUint32(8) & 0xff_ffff;
  const count = view.getUint32(12);
  if ((flags & TRUN_DURATION) === 0) return count * usual;
  let at = 16;
  if ((flags & TRUN_DATA_OFFSET) !== 0) at += 4;
  if ((flags & TRUN_FIRST_FLAGS) !== 0) at += 4;
  const stride = 4 * TRUN_PER_SAMPLE.filter((flag) => (flags & flag) !== 0).length;
  bounded(trun, at + count * stride);
  let total = 0;
  for (let sample = 0; sample < count; sample += 1) total += view.getUint32(at + sample * stride);
  return total;
}

function find(box: Box, path: readonly string[]): Box | null {
  let here: Box | undefined = box;
  for (const type of path) {
    here = childrenOf(here.bytes, 8).find((child) => child.type === type);
    if (here === undefined) return null;
  }
  return here;
}

function bounded(box: Box, bytes: number): DataView {
  if (box.bytes.length < bytes) throw new MalformedStreamError(`A ${box.type} box is cut short.`);
  return viewOf(box.bytes);
}
