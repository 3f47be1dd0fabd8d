// What of this device's loudspeaker comes back in its microphone: chirps, and a matched filter.

/**
 * A sweep above most of a voice's power and below what small loudspeakers drop. Its length lifts
 * what comes back out of the room by 10 log(length x bandwidth) = 28 dB.
 */
const FROM_HZ = 1_500;
const TO_HZ = 4_500;
const CHIRP_S = 0.2;
/** As loud as a voice in a call, so that nobody is startled. */
const AMPLITUDE = 0.12;
/** Faded in and out over this part of it: no click. */
const FADE = 0.15;

/** The filter works at about this rate: a quarter of the work of the full one is enough. */
const WORK_HZ = 12_000;

/** What an analyser keeps at most: 0.68 s at 48 kHz, so delays up to 0.4 s are seen. */
const WINDOW = 32_768;
/** Before the chirp in each window: the clock of what was played and heard is as exact as this. */
const LEAD_S = 0.05;

/** Out of so many chirps, in a room that may be loud for a moment, this many have to be clean. */
export const CHIRPS_MAX = 8;
export const CLEAN_MIN = 4;
/** So many of them have to say the same delay, give or take `SAME_S`: speech has its own. */
export const AGREE_MIN = 3;
const SAME_S = 0.015;

/** A peak has to stand out of the rest by this ratio (18 dB). */
export const STANDS_OUT = 8;
/** A room above this hides an echo that would be heard. */
export const CLEAN_DB = -58;
/** An echo this much weaker than what was played is lost in any conversation. */
export const ECHO_DB = -40;

/** One chirp: where the filter's peak is, how strong against what was played, and the room (dB). */
export interface Return {
  readonly delayS: number;
  readonly peakDb: number;
  readonly roomDb: number;
}

export type EchoFound =
  | { readonly kind: "none" | "unclear" }
  | { readonly kind: "weak" | "strong"; readonly delayMs: number; readonly weakerDb: number };

/** The chirp at a rate, as it is played; a quarter turn later with `turned`. */
export function chirp(rate: number, turned = false): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(Math.round(CHIRP_S * rate));
  const fade = samples.length * FADE;
  for (let at = 0; at < samples.length; at += 1) {
    const t = at / rate;
    const edge = Math.min(1, at / fade, (samples.length - at) / fade);
    const phase = 2 * Math.PI * (FROM_HZ * t + ((TO_HZ - FROM_HZ) * t * t) / (2 * CHIRP_S));
    const gain = AMPLITUDE * (0.5 - 0.5 * Math.cos(Math.PI * edge));
    samples[at] = gain * Math.sin(phase + (turned ? Math.PI / 2 : 0));
  }
  return samples;
}

/** Looks for the chirp in what a microphone gave; `playedAt` is the sample at which it was played. */
export function find(heard: Float32Array, rate: number, playedAt: number): Return {
  const every = Math.max(1, Math.round(rate / WORK_HZ));
  const envelope = filtered(thinned(heard, every), thinned(chirp(rate), every), thinned(chirp(rate, true), every));
  let best = 0;
  envelope.forEach((value, at) => {
    if (value > (envelope[best] ?? 0)) best = at;
  });
  const room = [...envelope].sort((a, b) => a - b)[envelope.length >> 1] ?? 0;
  return { delayS: (best * every - playedAt) / rate, peakDb: db(envelope[best] ?? 0), roomDb: db(room) };
}

export function isClean(one: Return): boolean {
  return one.roomDb < CLEAN_DB;
}

/** What several chirps say together. */
export function judge(all: readonly Return[]): EchoFound {
  const out = 20 * Math.log10(STANDS_OUT);
  const peaks = all.filter((one) => one.peakDb - one.roomDb > out);
  const agreeing = peaks
    .map((one) => peaks.filter((other) => Math.abs(other.delayS - one.delayS) < SAME_S))
    .reduce((most, group) => (group.length > most.length ? group : most), []);
  if (agreeing.length >= AGREE_MIN) {
    const weakerDb = -median(agreeing.map((one) => one.peakDb));
    const delayMs = Math.max(0, Math.round(median(agreeing.map((one) => one.delayS)) * 100) * 10);
    return { kind: -weakerDb > ECHO_DB ? "strong" : "weak", delayMs, weakerDb: Math.max(0, Math.round(weakerDb)) };
  }
  return { kind: all.filter(isClean).length >= AGREE_MIN ? "none" : "unclear" };
}

/** Plays chirps and listens to `microphone` until enough are clean; rejects when the context stops. */
export async function testEcho(context: AudioContext, microphone: AudioNode): Promise<EchoFound> {
  const analyser = new AnalyserNode(context, { fftSize: WINDOW });
  microphone.connect(analyser);
  const all: Return[] = [];
  try {
    while (all.length < CHIRPS_MAX && all.filter(isClean).length < CLEAN_MIN) all.push(await once(context, analyser));
  } finally {
    microphone.disconnect(analyser);
  }
  return judge(all);
}

async function once(context: AudioContext, analyser: AnalyserNode): Promise<Return> {
  const { sampleRate: rate } = context;
  const samples = chirp(rate);
  const buffer = context.createBuffer(1, samples.length, rate);
  buffer.copyToChannel(samples, 0);
  const player = new AudioBufferSourceNode(context, { buffer });
  player.connect(context.destination);
  const playedS = context.currentTime + LEAD_S;
  player.start(playedS);
  const wholeS = playedS - LEAD_S + WINDOW / rate;
  while (context.currentTime < wholeS) {
    // The microphone was given to the stage, or a call took the sound away.
    if (context.state !== "running") throw new DOMException("The sound stopped.", "AbortError");
    await new Promise((resolve) => setTimeout(resolve, (wholeS - context.currentTime) * 1000 + 1));
  }
  const heard = new Float32Array(WINDOW);
  analyser.getFloatTimeDomainData(heard);
  return find(heard, rate, WINDOW - (context.currentTime - playedS) * rate);
}

/** The mean of every so many samples: less of them, and nothing above that is mistaken for less. */
function thinned(samples: Float32Array, every: number): Float32Array {
  const few = new Float32Array(Math.floor(samples.length / every));
  for (let at = 0; at < few.length; at += 1) {
    let sum = 0;
    for (let one = 0; one < every; one += 1) sum += samples[at * every + one] ?? 0;
    few[at] = sum / every;
  }
  return few;
}

/** For each delay how much of the chirp is there, as a factor of what was played. */
function filtered(heard: Float32Array, straight: Float32Array, turned: Float32Array): Float32Array {
  const energy = straight.reduce((sum, one) => sum + one * one, 0);
  const envelope = new Float32Array(Math.max(1, heard.length - straight.length + 1));
  for (let at = 0; at < envelope.length; at += 1) {
    let a = 0;
    let b = 0;
    for (let one = 0; one < straight.length; one += 1) {
      const sample = heard[at + one] ?? 0;
      a += sample * (straight[one] ?? 0);
      b += sample * (turned[one] ?? 0);
    }
    envelope[at] = Math.hypot(a, b) / energy;
  }
  return envelope;
}

function db(factor: number): number {
  return 20 * Math.log10(Math.max(factor, 1e-6));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
