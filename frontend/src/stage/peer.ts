// One WebRTC connection to the studio: offer, answer, data channel, the mix of the others.
import { deviceWord } from "../common/device";
import { api, type StageAnswer } from "../desk/api";
import { type Down, LABEL, loudness, readDown } from "./link";

/** Candidates that take longer are left out: host and STUN candidates come in under a second. */
export const GATHER_MAX_MS = 1_500;

/** From the answer to an open data channel; ICE and DTLS take some round trips. */
export const OPEN_MAX_MS = 6_000;

export interface PeerEvents {
  down(message: Down): void;
  sound(stream: MediaStream): void;
  lost(): void;
}

export class Peer {
  private readonly pc: RTCPeerConnection;
  private readonly channel: RTCDataChannel;
  private readonly sender: RTCRtpSender;
  private closed = false;
  private heard = { energy: 0, seconds: 0 };

  constructor(
    ice: readonly RTCIceServer[],
    track: MediaStreamTrack,
    private readonly events: PeerEvents,
  ) {
    this.pc = new RTCPeerConnection({ iceServers: [...ice], bundlePolicy: "max-bundle" });
    this.channel = this.pc.createDataChannel(LABEL, { ordered: true });
    this.sender = this.pc.addTrack(track, new MediaStream([track]));
    this.pc.ontrack = (event) => events.sound(event.streams[0] ?? new MediaStream([event.track]));
    this.pc.onconnectionstatechange = () => {
      if (["failed", "disconnected", "closed"].includes(this.pc.connectionState)) this.lose();
    };
    this.channel.onmessage = (event: MessageEvent<unknown>) => {
      const message = readDown(event.data);
      if (message !== null && !this.closed) events.down(message);
    };
    this.channel.onclose = () => this.lose();
  }

  /** Offers, and resolves with the resume ticket once the data channel is open. */
  async join(space: string, ticket: string, name: string, photo = ""): Promise<{ participant: string; resume: string }> {
    return this.agree((sdp) => api.stage(space, ticket, sdp, name, deviceWord(), photo));
  }

  /** Offers what `ask` has answered; resolves once the data channel is open. */
  protected async agree(ask: (sdp: string) => Promise<StageAnswer>): Promise<StageAnswer> {
    await this.pc.setLocalDescription(await this.pc.createOffer());
    await gathered(this.pc);
    const answer = await ask(this.pc.localDescription?.sdp ?? "");
    if (this.closed) throw new Error("closed");
    await this.pc.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    await opened(this.channel);
    return answer;
  }

  get open(): boolean {
    return this.channel.readyState === "open";
  }

  /** Loudness (RMS, dBFS) of what played here since the last asking; null where nobody tells. */
  async heardDbfs(): Promise<number | null> {
    const report = await this.pc.getReceivers()[0]?.getStats();
    for (const one of (report?.values() ?? []) as Iterable<RTCInboundRtpStreamStats>) {
      if (one.type !== "inbound-rtp" || one.totalAudioEnergy === undefined) continue;
      const now = { energy: one.totalAudioEnergy, seconds: one.totalSamplesDuration ?? 0 };
      const { energy, seconds } = this.heard;
      this.heard = now;
      return loudness(now.energy - energy, now.seconds - seconds);
    }
    return null;
  }

  send(text: string): void {
    if (this.open) this.channel.send(text);
  }

  async use(track: MediaStreamTrack): Promise<void> {
    await this.sender.replaceTrack(track);
  }

  close(): void {
    this.closed = true;
    this.pc.onconnectionstatechange = null;
    this.channel.onclose = null;
    this.pc.close();
  }

  private lose(): void {
    if (this.closed) return;
    this.closed = true;
    this.events.lost();
  }
}

/** Resolves once all candidates are there, or `GATHER_MAX_MS` have passed. */
export function gathered(pc: EventTarget & { readonly iceGatheringState: string }): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      pc.removeEventListener("icegatheringstatechange", look);
      resolve();
    };
    const look = (): void => {
      if (pc.iceGatheringState === "complete") done();
    };
    const timer = setTimeout(done, GATHER_MAX_MS);
    pc.addEventListener("icegatheringstatechange", look);
    look();
  });
}

/** Resolves once the channel is open; rejects when it closes, or is not open after `OPEN_MAX_MS`. */
export function opened(channel: EventTarget & { readonly readyState: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    if (channel.readyState === "open") return resolve();
    const failed = (): void => reject(new Error("The data channel did not open."));
    const timer = setTimeout(failed, OPEN_MAX_MS);
    channel.addEventListener("close", failed);
    channel.addEventListener("open", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
