// How a person without a picture is shown.

/** First letters of the first and last word, at most two. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter((word) => word !== "");
  const first = letter(words[0]);
  const last = words.length > 1 ? letter(words.at(-1)) : "";
  return (first + last).toLocaleUpperCase() || "?";
}

function letter(word: string | undefined): string {
  return [...(word ?? "")].find((sign) => /[\p{L}\p{N}]/u.test(sign)) ?? "";
}

/** One of seven tones, the same for the same name on every page. */
export function tone(name: string): number {
  let sum = 7;
  for (const sign of name) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 9973;
  return sum % 7;
}
