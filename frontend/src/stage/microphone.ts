// The microphone: asking for it, its level, and what is wrong with it.

export type MicFault = "insecure" | "noDevices" | "denied" | "notFound" | "busy";

/** Loudness below which nothing arrives, speech is too quiet, and above which it distorts (dBFS). */
export const NOTHING_DBFS = -75;
export const QUIET_DBFS = -48;
export const LOUD_DBFS = -1;
/** One plosive is no distortion: so many loud moments within the window are. */
export const LOUD_MOMENTS = 3;
/** A room louder than this between words is heard by everybody. */
export const NOISE_DBFS = -46;

/** Why no microphone can be asked for at all, or null. */
export function impossible(secure: boolean, devices: boolean): MicFault | null {
  if (!secure) return "insecure";
  return devices ? null : "noDevices";
}

export function faultOf(error: unknown): MicFault {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "notFound";
  return "busy";
}

export async function openMicrophone(deviceId: string): Promise<MediaStreamTrack> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      ...(deviceId === "" ? {} : { deviceId: { exact: deviceId } }),
    },
  });
  const [track] = stream.getAudioTracks();
  if (track === undefined) throw new DOMException("no track", "NotFoundError");
  return track;
}

export async function listMicrophones(): Promise<MediaDeviceInfo[]> {
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter((device) => device.kind === "audioinput" && device.deviceId !== "");
}

export interface Loudness {
  readonly rmsDbfs: number;
  readonly peakDbfs: number;
}

/** Measures a track; `close` gives the audio context back. */
export class Listener {
  readonly context = new AudioContext();
  readonly analyser = this.context.createAnalyser();
  /** The microphone as a node of the context. */
  readonly source: AudioNode;
  private readonly samples: Float32Array<ArrayBuffer>;

  constructor(track: MediaStreamTrack) {
    this.analyser.fftSize = 2048;
    this.samples = new Float32Array(this.analyser.fftSize);
    this.source = this.context.createMediaStreamSource(new MediaStream([track]));
    this.source.connect(this.analyser);
    void this.context.resume();
  }

  read(): Loudness {
    this.analyser.getFloatTimeDomainData(this.samples);
    let square = 0;
    let peak = 0;
    for (const sample of this.samples) {
      square += sample * sample;
      peak = Math.max(peak, Math.abs(sample));
    }
    return { rmsDbfs: dbfs(Math.sqrt(square / this.samples.length)), peakDbfs: dbfs(peak) };
  }

  close(): void {
    void this.context.close();
  }
}

export type LevelWord = "say" | "levelNone" | "levelLow" | "levelGood" | "levelHigh";

/** Judges a microphone over the last seconds: loudest and quietest moment, in plain words. */
export class Judge {
  private moments: { atMs: number; loud: Loudness }[] = [];
  private beganMs: number | null = null;

  /** How long a sentence and the pauses around it take. */
  static readonly WINDOW_MS = 5_000;
  /** Before this nobody has had the time to speak. */
  static readonly PATIENCE_MS = 2_500;

  add(atMs: number, loud: Loudness): void {
    this.beganMs ??= atMs;
    this.moments.push({ atMs, loud });
    this.moments = this.moments.filter((one) => one.atMs > atMs - Judge.WINDOW_MS);
  }

  get level(): LevelWord {
    const last = this.moments.at(-1);
    if (last === undefined || this.beganMs === null) return "say";
    const loud = this.moments.filter((one) => one.loud.peakDbfs > LOUD_DBFS).length;
    const rms = Math.max(...this.moments.map((one) => one.loud.rmsDbfs));
    if (loud >= LOUD_MOMENTS) return "levelHigh";
    if (rms > QUIET_DBFS + 8) return "levelGood";
    if (last.atMs - this.beganMs < Judge.PATIENCE_MS) return "say";
    if (rms < NOTHING_DBFS) return "levelNone";
    return rms < QUIET_DBFS ? "levelLow" : "levelGood";
  }

  /** The room between words (dBFS); null before there was a second to listen to. */
  get floorDbfs(): number | null {
    const first = this.moments[0];
    const last = this.moments.at(-1);
    if (first === undefined || last === undefined || last.atMs - first.atMs < 1_000) return null;
    const sorted = this.moments.map((one) => one.loud.rmsDbfs).sort((a, b) => a - b);
    // The quietest tenth is the room between words.
    return sorted[Math.floor(sorted.length / 10)] ?? -90;
  }

  get noisy(): boolean | null {
    const floor = this.floorDbfs;
    return floor === null ? null : floor > NOISE_DBFS;
  }
}

function dbfs(amplitude: number): number {
  return Math.max(-90, 20 * Math.log10(Math.max(amplitude, 1e-9)));
}
