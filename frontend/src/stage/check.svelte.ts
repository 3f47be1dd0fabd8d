// The microphone check: asks for a microphone, measures it, and says what it finds.
import { type EchoFound, testEcho } from "./echo";
import {
  faultOf,
  impossible,
  Judge,
  type LevelWord,
  Listener,
  listMicrophones,
  type MicFault,
  openMicrophone,
} from "./microphone";
import { measureReach, type Reach } from "./reach";

/** Ten looks a second: as often as the stage itself shows levels. */
const LOOK_MS = 100;

export type Echo = EchoFound | { readonly kind: "unknown" | "testing" };

export class Check {
  fault = $state<MicFault | null>(null);
  track = $state.raw<MediaStreamTrack | null>(null);
  devices = $state.raw<readonly MediaDeviceInfo[]>([]);
  device = $state("");
  asking = $state(false);
  loudDbfs = $state(-90);
  level = $state<LevelWord>("say");
  noisy = $state<boolean | null>(null);
  /** The room between words (dBFS). */
  floorDbfs = $state<number | null>(null);
  echo = $state.raw<Echo>({ kind: "unknown" });
  /** How the house is reached; null while it is being measured. */
  reach = $state.raw<Reach | null>(null);
  private listener: Listener | null = null;
  private judge = new Judge();
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    this.fault = impossible(isSecureContext, "mediaDevices" in navigator);
  }

  /** Whether asking again can help: an address does not become secure by it. */
  get hopeless(): boolean {
    return this.fault === "insecure" || this.fault === "noDevices";
  }

  /** Asks for the microphone (empty: the browser's choice) and begins to measure it. */
  async open(device: string): Promise<void> {
    if (this.asking || this.hopeless) return;
    this.asking = true;
    this.fault = null;
    this.close();
    try {
      const track = await openMicrophone(device);
      this.devices = await listMicrophones();
      this.begin(track);
    } catch (error) {
      this.fault = faultOf(error);
    } finally {
      this.asking = false;
    }
  }

  async listenForEcho(): Promise<void> {
    const { listener } = this;
    if (listener === null || this.echo.kind === "testing") return;
    this.echo = { kind: "testing" };
    const found = await testEcho(listener.context, listener.source).catch(() => ({ kind: "unclear" }) as const);
    if (this.listener === listener) this.echo = found;
  }

  async measureReach(): Promise<void> {
    this.reach = null;
    this.reach = await measureReach();
  }

  /** Hands the microphone over to the stage and stops measuring. */
  take(): MediaStreamTrack | null {
    const { track } = this;
    this.track = null;
    this.close();
    return track;
  }

  close(): void {
    clearInterval(this.timer);
    this.listener?.close();
    this.listener = null;
    this.track?.stop();
    this.track = null;
  }

  private begin(track: MediaStreamTrack): void {
    this.track = track;
    this.device = track.getSettings().deviceId ?? "";
    this.judge = new Judge();
    this.level = "say";
    this.noisy = this.floorDbfs = null;
    this.echo = { kind: "unknown" };
    this.listener = new Listener(track);
    this.timer = setInterval(() => this.look(), LOOK_MS);
    void this.measureReach();
    track.addEventListener("ended", () => this.unplugged(track));
  }

  private unplugged(track: MediaStreamTrack): void {
    if (track !== this.track) return;
    this.close();
    this.fault = "notFound";
  }

  private look(): void {
    // The sound of the echo test is no voice, and a sleeping context hears nothing.
    if (this.listener?.context.state !== "running" || this.echo.kind === "testing") return;
    const loud = this.listener.read();
    this.judge.add(performance.now(), loud);
    this.loudDbfs = loud.rmsDbfs;
    this.level = this.judge.level;
    this.noisy = this.judge.noisy;
    this.floorDbfs = this.judge.floorDbfs;
  }
}
