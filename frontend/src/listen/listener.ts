// Who listens, as far as the house knows: a random id of this tab, and a ticket where one is needed.

/** 18 random bytes: 24 characters of [A-Za-z0-9_-], within the house's 16 to 64. */
const ID_BYTES = 18;
const ID = /^[A-Za-z0-9_-]{16,64}$/;
const KEY = "rostra.listener";

/** No ticket of a house is longer; what is, is not passed on. */
export const TICKET_CHARS_MAX = 2_048;

/** This tab's own id, kept for as long as the tab is. It says nothing about the person. */
export function listenerId(): string {
  try {
    const kept = sessionStorage.getItem(KEY);
    if (kept !== null && ID.test(kept)) return kept;
    const id = newId();
    sessionStorage.setItem(KEY, id);
    return id;
  } catch {
    return newId(); // Storage may be forbidden; the id then lasts as long as the page.
  }
}

function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

/** What streams and playlists are asked with: `?l=` and, where the page has one, `&ticket=`. */
export function queryOf(listener: string, page: URL): string {
  const query = new URLSearchParams({ l: listener });
  const ticket = page.searchParams.get("ticket") ?? "";
  if (ticket !== "" && ticket.length <= TICKET_CHARS_MAX) query.set("ticket", ticket);
  return `?${query.toString()}`;
}
