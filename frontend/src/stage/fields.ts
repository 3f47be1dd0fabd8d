// Fields of a message as they came: what is missing or of another type is replaced, never trusted.

export type Fields = Readonly<Record<string, unknown>>;

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function number(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}

/** One of `words`, or the first. */
export function oneOf<Word extends string>(words: readonly [Word, ...Word[]], value: unknown): Word {
  return words.find((word) => word === value) ?? words[0];
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
