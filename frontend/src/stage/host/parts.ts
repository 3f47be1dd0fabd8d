// The three parts of the console, in their order.
export const PARTS = ["stage", "queue", "backstage"] as const;
export type Part = (typeof PARTS)[number];
