// The two renditions: AAC everywhere, Opus where the house has it and the browser takes it.
export type Codec = "aac" | "opus";

const AAC = ['audio/mp4; codecs="mp4a.40.2"'];
/** Safari spells it as the MP4 registration authority does. */
const OPUS = ['audio/mp4; codecs="opus"', 'audio/mp4; codecs="Opus"'];

/** The file's name on an edge. */
export const FILES: Readonly<Record<Codec, string>> = { aac: "push.mp4", opus: "push-opus.mp4" };

/** How this browser spells what it takes, or null where it takes none. */
export function mimeOf(codec: Codec, takes: (mime: string) => boolean): string | null {
  return (codec === "opus" ? OPUS : AAC).find(takes) ?? null;
}

/** `wanted` is `?codec=` of the page's address; AAC is the baseline. */
export function codecFor(offered: readonly string[], wanted: string | null): Codec {
  if (wanted === "opus" || wanted === "aac") return wanted;
  return offered.includes("opus") ? "opus" : "aac";
}
