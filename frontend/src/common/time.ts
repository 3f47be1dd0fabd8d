// Moments in words, in the reader's own time zone and always with its name.

/** "Thursday 26 November, 20:00 CET"; the year is named when it is another one; nothing where there is no such moment. */
export function moment(utcUs: number, lang: string, nowMs = Date.now()): string {
  const date = new Date(utcUs / 1000);
  if (Number.isNaN(date.getTime())) return "";
  const other = date.getFullYear() !== new Date(nowMs).getFullYear();
  return new Intl.DateTimeFormat(lang, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(other ? { year: "numeric" as const } : {}),
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
  }).format(date);
}

/** "20:00 CET"; nothing where there is no such moment. */
export function clockTime(utcUs: number, lang: string): string {
  const date = new Date(utcUs / 1000);
  if (Number.isNaN(date.getTime())) return "";
  return new Intl.DateTimeFormat(lang, {
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
  }).format(date);
}

/** Days, hours, minutes and seconds left; never below zero. */
export function left(untilUs: number, nowUs: number): { d: number; h: number; m: number; s: number } {
  const all = Math.max(0, Math.ceil((untilUs - nowUs) / 1_000_000));
  return {
    d: Math.floor(all / 86_400),
    h: Math.floor(all / 3_600) % 24,
    m: Math.floor(all / 60) % 60,
    s: all % 60,
  };
}

/** "1:04:09" since a moment. */
export function elapsed(sinceUs: number, nowUs: number): string {
  const all = Math.max(0, Math.floor((nowUs - sinceUs) / 1_000_000));
  const [h, m, s] = [Math.floor(all / 3_600), Math.floor(all / 60) % 60, all % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return h > 0 ? `${String(h)}:${two(m)}:${two(s)}` : `${String(m)}:${two(s)}`;
}
