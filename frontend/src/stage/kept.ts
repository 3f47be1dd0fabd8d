// What brings a participant back after a reload: kept for this tab only.
import { isRecord } from "../push/notice";

export interface Kept {
  readonly resume: string;
  readonly name: string;
  readonly muted: boolean;
  /** The microphone that was chosen; empty for the browser's choice. */
  readonly device: string;
}

const key = (ticket: string): string => `rostra.stage.${ticket.slice(-48)}`;

export function keep(ticket: string, kept: Kept): void {
  try {
    sessionStorage.setItem(key(ticket), JSON.stringify(kept));
  } catch {
    return; // Without storage a reload asks for the name again.
  }
}

export function recall(ticket: string): Kept | null {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(key(ticket)) ?? "null");
    if (!isRecord(value) || typeof value["resume"] !== "string" || value["resume"] === "") return null;
    const { resume, name, muted, device } = value;
    const text = (one: unknown): string => (typeof one === "string" ? one : "");
    return { resume, name: text(name), muted: muted === true, device: text(device) };
  } catch {
    return null;
  }
}

export function forget(ticket: string): void {
  try {
    sessionStorage.removeItem(key(ticket));
  } catch {
    return;
  }
}
