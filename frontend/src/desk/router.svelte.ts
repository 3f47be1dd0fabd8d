// Which page of the application an address is, and moving between them without a reload.

export type Page =
  | { readonly name: "home" | "login" | "create" | "schedule" | "settings" | "nowhere" }
  | { readonly name: "owner" | "invite" | "host" | "join"; readonly word: string };

const PLAIN = ["login", "create", "schedule", "settings"] as const;
const SECRET = ["owner", "invite", "host", "join"] as const;

export function pageAt(path: string): Page {
  const [first = "", second = "", ...rest] = path.replace(/^\/+|\/+$/g, "").split("/");
  if (first === "") return { name: "home" };
  const plain = PLAIN.find((name) => name === first);
  if (plain !== undefined && second === "") return { name: plain };
  const secret = SECRET.find((name) => name === first);
  if (secret !== undefined && second !== "" && rest.length === 0) return { name: secret, word: second };
  return { name: "nowhere" };
}

class Router {
  page = $state.raw<Page>(pageAt(location.pathname));

  constructor() {
    addEventListener("popstate", () => (this.page = pageAt(location.pathname)));
    document.addEventListener("click", (event) => this.clicked(event));
  }

  go(path: string): void {
    history.pushState(null, "", path);
    this.page = pageAt(location.pathname);
    scrollTo(0, 0);
    requestAnimationFrame(() => document.querySelector<HTMLElement>("main")?.focus());
  }

  private clicked(event: MouseEvent): void {
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!plain || event.defaultPrevented || link === null || link.target !== "" || link.hasAttribute("download")) return;
    const url = new URL(link.href, location.href);
    // The stage keeps a microphone and a connection: it is entered and left by a real load.
    const own = pageAt(url.pathname);
    const soft = own.name !== "nowhere" && own.name !== "host" && own.name !== "join";
    if (url.origin !== location.origin || url.hash !== "" || !soft) return;
    event.preventDefault();
    this.go(url.pathname);
  }
}

export const router = new Router();
