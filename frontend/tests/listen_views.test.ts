// What the page's small parts say, rendered without a browser.
import type { Component } from "svelte";
import { render } from "svelte/server";
import { afterEach, describe, expect, it, vi } from "vitest";
import AudienceBar from "../src/listen/AudienceBar.svelte";
import { after, readSpace, type Space } from "../src/common/space";
import StatusLine from "../src/listen/StatusLine.svelte";
import type { Session } from "../src/listen/session.svelte";
import Waiting from "../src/listen/Waiting.svelte";

// The reader's language is looked for as the parts are loaded.
vi.hoisted(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  vi.stubGlobal("document", { documentElement: {} });
});

type View = Component<{ session: Session }>;

/** What a person reads, without the tags. */
function said(view: View, session: Partial<Session>): string {
  const { body } = render(view, { props: { session: session as Session } });
  return body.replace(/<[^>]*>/g, "").replace(/\s+/g, " ").trim();
}

function space(more: Record<string, unknown>): Space {
  const read = readSpace({ id: "x", title: "Tea", state: "live", ...more });
  if (read === null) throw new Error("no space");
  return read;
}

describe("the quiet line", () => {
  const line = (shown: Space): string => said(StatusLine as View, { space: shown, phase: "idle", latencyS: null });
  const count = (body: Record<string, unknown>) => ({ kind: "count", ptsSamples: 0, body });

  it("follows the notices in all its numbers, and says what they count", () => {
    const before = space({ listening: 5, unique: 9 });
    expect(line(before)).toBe("5 listening now (open connections)·9 in all (estimate)");
    const later = after(before, count({ listening: 30, hls: 4, unique: 44 }));
    expect(line(later)).toBe("30 listening now (open connections and HLS sessions)·44 in all (estimate)");
    expect(line(after(later, count({ listening: 20, hls: 0, unique: 45 })))).toBe("20 listening now (open connections)·45 in all (estimate)");
  });

  it("keeps what an older studio does not tell, and never says fewer in all than now", () => {
    const before = space({ listening: 5, hls: 2, unique: 9 });
    const later = after(before, count({ listening: 7 }));
    expect(later).toMatchObject({ listening: 7, hls: 2, unique: 9 });
    expect(line(after(before, count({ listening: 12 })))).toBe("12 listening now (open connections and HLS sessions)");
    expect(line(after(before, count({ listening: 12, hls: 1, unique: 11 })))).not.toContain("in all");
  });
});

describe("who waits for a place", () => {
  afterEach(() => vi.useRealTimers());

  it.each([
    [28, 340, "You are about number 340, about 28 s."],
    [200, 340, "You are about number 340, about 3 min."],
    [28, undefined, "About 28 s."],
    // Other edges are asked within the second.
    [0.8, 340, "You are about number 340. It is asking now."],
    [-0.5, 340, "You are about number 340. It is asking now."],
    [0, undefined, "It is asking now."],
  ])("is told, %f s before the next try, what is true then", (leftS, place, words) => {
    vi.useFakeTimers();
    const trouble = { why: "refused", sentence: "Full.", code: "waiting", place, waitS: 25 } as const;
    const text = said(Waiting as View, { trouble, retryAtMs: performance.now() + leftS * 1_000, houseUs: 1 });
    expect(text.replace(/\u00a0/g, " ").replace(/^.*?moment\. ?/, "").replace(/ ?Leave.*$/, "")).toBe(words);
  });
});

describe("the audience's bar", () => {
  it("names the choices of its button only while they are there", () => {
    const { body } = render(AudienceBar as View, { props: { session: { phase: "playing", reactions: null } as Session } });
    expect(body).toContain('aria-expanded="false"');
    expect(body).not.toMatch(/aria-controls|id="reactions"/);
    expect(body.indexOf("aria-expanded")).toBeLessThan(body.indexOf('class="above'));
  });
});
