// A calendar entry for one space (RFC 5545).

/** A conversation without a stated end is entered with this length. */
export const LENGTH_MS = 60 * 60 * 1000;

const LINE_BYTES_MAX = 75;

export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly url: string;
  readonly startMs: number;
}

export function calendar(entry: Entry, nowMs: number): string {
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Rostra//Rostra//EN",
    "BEGIN:VEVENT",
    `UID:${entry.id}@rostra`,
    `DTSTAMP:${stamp(nowMs)}`,
    `DTSTART:${stamp(entry.startMs)}`,
    `DTEND:${stamp(entry.startMs + LENGTH_MS)}`,
    `SUMMARY:${escaped(entry.title)}`,
    `DESCRIPTION:${escaped([entry.description, entry.url].filter((text) => text !== "").join("\n\n"))}`,
    `URL:${entry.url}`,
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  return `${lines.map(folded).join("\r\n")}\r\n`;
}

/** Hands the entry to the device as a file. */
export function download(entry: Entry): void {
  const blob = new Blob([calendar(entry, Date.now())], { type: "text/calendar" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${entry.id}.ics`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function stamp(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");
}

function escaped(text: string): string {
  return text.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n");
}

/** Lines are at most 75 octets, continued after a space (3.1); no character is torn. */
function folded(line: string): string {
  const encoder = new TextEncoder();
  let out = "";
  let width = 0;
  for (const sign of line) {
    const bytes = encoder.encode(sign).length;
    if (width + bytes > LINE_BYTES_MAX) {
      out += "\r\n ";
      width = 1;
    }
    out += sign;
    width += bytes;
  }
  return out;
}
