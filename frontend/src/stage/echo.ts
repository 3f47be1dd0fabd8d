// Whether a microphone hears this device's loudspeaker: a short tone, and a look at its pitch.

/** A pitch between the formants of speech, so that a voice in the room disturbs little. */
export const TONE_HZ = 1_340;
export const TONE_MS = 700;
const QUIET_MS = 400;
const LOOK_MS = 40;

/** The tone has to stand out of the room by this much to count as heard. */
export const HEARD_DB = 14;

/** Decides from the pitch's level (dB) before and during the tone. */
export function hears(before: readonly number[], during: readonly number[]): boolean {
  return median(during) - median(before) > HEARD_DB;
}

/** Plays the tone and listens; resolves with whether the microphone heard it. */
export async function testEcho(context: AudioContext, analyser: AnalyserNode): Promise<boolean> {
  const before = await watch(context, analyser, QUIET_MS);
  const tone = new OscillatorNode(context, { frequency: TONE_HZ });
  const gain = new GainNode(context, { gain: 0 });
  const now = context.currentTime;
  gain.gain.linearRampToValueAtTime(0.12, now + 0.03);
  gain.gain.setValueAtTime(0.12, now + TONE_MS / 1000 - 0.05);
  gain.gain.linearRampToValueAtTime(0, now + TONE_MS / 1000);
  tone.connect(gain).connect(context.destination);
  tone.start();
  tone.stop(now + TONE_MS / 1000);
  return hears(before, await watch(context, analyser, TONE_MS));
}

async function watch(context: AudioContext, analyser: AnalyserNode, ms: number): Promise<number[]> {
  const bins = new Float32Array(analyser.frequencyBinCount);
  const at = Math.round((TONE_HZ * analyser.fftSize) / context.sampleRate);
  const seen: number[] = [];
  for (let waited = 0; waited < ms; waited += LOOK_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    analyser.getFloatFrequencyData(bins);
    seen.push(Math.max(...bins.slice(at - 1, at + 2)));
  }
  return seen;
}

function median(values: readonly number[]): number {
  const sorted = values.map((value) => Math.max(-140, value)).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? -140;
}
