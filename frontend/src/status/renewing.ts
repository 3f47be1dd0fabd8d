// Renews what the page shows every 30 s, part by part, and says aloud only a changed sentence.
import { statusWords } from "../words/status";
import { localeFor, momentIn } from "./moments";

export const RENEW_MS = 30_000;
/** A crowd that came at one moment does not ask again at one moment. */
export const RENEW_SPREAD_MS = 5_000;

/** Puts the parts of `newer` that differ in place of those of `page`; the ids of what changed. */
export function replaceParts(page: Document, newer: Document): string[] {
  const changed: string[] = [];
  for (const part of page.querySelectorAll<HTMLElement>("[data-live]")) {
    const other = newer.getElementById(part.id);
    if (other === null || other.outerHTML === written.get(part)) continue;
    // Whoever reads a table or draws in a chart there keeps it until they look away.
    if (part.matches(":hover") && part.querySelector(".u-over") !== null) continue;
    const fresh = page.importNode(other, true);
    const open = [...part.querySelectorAll("details")].map((one) => one.open);
    fresh.querySelectorAll("details").forEach((one, index) => (one.open = open[index] ?? false));
    const focused = part.contains(page.activeElement) ? page.activeElement : null;
    written.set(fresh, other.outerHTML);
    part.replaceWith(fresh);
    refocus(fresh, focused);
    changed.push(fresh.id);
  }
  return changed;
}

/** Each part as the server wrote it: what this page made of it does not count as a change. */
const written = new WeakMap<Element, string>();

function refocus(fresh: HTMLElement, focused: Element | null): void {
  if (focused === null) return;
  const all = [...fresh.querySelectorAll<HTMLElement>("a, summary, [tabindex]")];
  const same = all.find((one) => one.tagName === focused.tagName && one.textContent === focused.textContent);
  same?.focus({ preventScroll: true });
}

/** Asks for the page again and again while somebody looks at it. `lively` makes new parts lively. */
export function renewal(page: Document, lang: string, lively: (root: ParentNode) => void): void {
  const said = page.getElementById("live-said");
  // What has no such line, the form for one, stays as it is.
  if (said === null || location.protocol === "file:") return;
  const words = statusWords(lang);
  let heard = page.querySelector("h1")?.textContent ?? "";
  let answered = new Date();
  for (const part of page.querySelectorAll("[data-live]")) written.set(part, "");
  tell(page, words.renewed);

  async function again(): Promise<void> {
    try {
      // The browser's own copy may be as old as the page allows: it asks whether that is still true.
      const answer = await fetch(location.href, { cache: "no-cache", headers: { accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const newer = new DOMParser().parseFromString(await answer.text(), "text/html");
      answered = new Date();
      for (const id of replaceParts(page, newer)) lively(page.getElementById(id) ?? page);
      tell(page, words.renewed);
    } catch {
      const at = momentIn(answered.toISOString(), "clock", localeFor(lang, navigator.languages));
      tell(page, words.stale(at ?? ""));
    }
    const sentence = page.querySelector("h1")?.textContent ?? "";
    if (said !== null && sentence !== heard) said.textContent = sentence;
    heard = sentence;
  }

  function later(): void {
    setTimeout(() => {
      if (page.visibilityState === "visible") void again().finally(later);
      else page.addEventListener("visibilitychange", () => void again().finally(later), { once: true });
    }, RENEW_MS + (Math.random() * 2 - 1) * RENEW_SPREAD_MS);
  }
  later();
}

function tell(page: Document, sentence: string): void {
  for (const line of page.querySelectorAll(".renewal")) line.textContent = sentence;
}
