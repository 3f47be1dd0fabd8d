// Reads a chart as the watch tells it: a row per slot, in the order of `Point`.
import { isRecord } from "../push/notice";

/** Charts have 96 or 90 points; what is far longer is none. */
export const POINTS_MAX = 2_000;

export interface Points {
  readonly slotS: number;
  /** Beginnings of slots, seconds since 1970, UTC. */
  readonly utcS: number[];
  readonly reports: number[];
  readonly usual: number[];
  readonly upper: number[];
  readonly probes: number[];
  readonly failed: number[];
  readonly unproven: number[];
}

/** The chart, or null where it is none or has no point. */
export function readPoints(value: unknown): Points | null {
  if (!isRecord(value) || !Array.isArray(value["points"]) || value["points"].length > POINTS_MAX) return null;
  const slotS = value["slot_s"];
  const rows = value["points"].filter(isRow);
  if (typeof slotS !== "number" || rows.length === 0 || rows.length !== value["points"].length) return null;
  const column = (index: number): number[] => rows.map((row) => row[index] ?? 0);
  return {
    slotS,
    utcS: column(0),
    reports: column(1),
    usual: column(2),
    upper: column(3),
    probes: column(4),
    failed: column(5),
    unproven: column(6),
  };
}

function isRow(row: unknown): row is number[] {
  return Array.isArray(row) && row.length >= 6 && row.every((one) => typeof one === "number" && Number.isFinite(one));
}
