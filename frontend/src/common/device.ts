// The word by which a house knows this device again: random, kept in this browser, nobody's name.
const KEY = "rostra.device";
const WORD = /^[A-Za-z0-9_-]{22}$/;

/** The device's word; a fresh one each time where storage is forbidden. */
export function deviceWord(): string {
  try {
    const kept = localStorage.getItem(KEY) ?? "";
    if (WORD.test(kept)) return kept;
    const word = randomWord(16);
    localStorage.setItem(KEY, word);
    return word;
  } catch {
    return randomWord(16);
  }
}

/** So many random bytes in base64url. */
export function randomWord(bytes: number): string {
  return base64url(crypto.getRandomValues(new Uint8Array(bytes)));
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
