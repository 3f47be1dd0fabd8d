// Which way of playing comes first on this device.

export const TRANSPORTS = ["push", "native", "hlsjs", "mp3"] as const;
export type Transport = (typeof TRANSPORTS)[number];

export interface Device {
  /** MediaSource or ManagedMediaSource takes AAC in fMP4. */
  readonly mse: boolean;
  readonly nativeHls: boolean;
  readonly mp3: boolean;
  /** iPhone and iPad: a page's script cannot be relied on behind a locked screen. */
  readonly apple: boolean;
  /** `?transport=` of the address, for support and tests. */
  readonly wanted: string;
}

/** Ways to try, in order; the last resort is there even where the browser admits nothing. */
export function order(device: Device): Transport[] {
  const wanted = TRANSPORTS.find((one) => one === device.wanted);
  if (wanted !== undefined) return [wanted];
  const ways: Transport[] = [];
  if (device.apple && device.nativeHls) ways.push("native");
  if (device.mse) ways.push("push", "hlsjs");
  if (!device.apple && device.nativeHls) ways.push("native");
  if (device.mp3 || ways.length === 0) ways.push("mp3");
  return ways;
}

/** iPadOS calls itself a Mac, but no Mac has a touch screen. */
export function isApple(userAgent: string, platform: string, touchPoints: number): boolean {
  return /iPhone|iPad|iPod/.test(userAgent) || (platform === "MacIntel" && touchPoints > 1);
}
