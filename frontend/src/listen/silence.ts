// A tenth of a second of nothing, to be played inside a press.

const RATE_HZ = 8_000;
const SAMPLES = 800;
const HEADER_BYTES = 44;

/** Kept for as long as the page is: it is small, and a person may press more than once. */
let url = "";

/**
 * Plays silence on `audio`. Safari lets an element play by itself only after it has played within
 * a press; what is to start later, when the doors open, has to have played something by then.
 */
export function unlock(audio: HTMLAudioElement): void {
  url ||= URL.createObjectURL(new Blob([silence()], { type: "audio/wav" }));
  audio.src = url;
  // Where even this is refused, the page's button says so once there is something to hear.
  audio.play().catch(() => undefined);
}

/** RIFF WAVE: one channel, 8 bits, in which 128 is silence (Microsoft and IBM, 1991). */
export function silence(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + SAMPLES).fill(128, HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  const tags = { 0: "RIFF", 8: "WAVE", 12: "fmt ", 36: "data" };
  for (const [at, tag] of Object.entries(tags)) bytes.set(new TextEncoder().encode(tag), Number(at));
  view.setUint32(4, bytes.length - 8, true);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE_HZ, true);
  view.setUint32(28, RATE_HZ, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  view.setUint32(40, SAMPLES, true);
  return bytes;
}
