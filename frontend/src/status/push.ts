// Turns notifications of this browser on and off: permission, push subscription, the watch's answer.

/** What the button needs of the browser; tests bring their own. */
export interface World {
  readonly serviceWorker: Pick<ServiceWorkerContainer, "register"> | undefined;
  readonly pushes: boolean;
  permission(): NotificationPermission;
  ask(): Promise<NotificationPermission>;
  post(path: string, body: unknown): Promise<{ ok: boolean; body: unknown }>;
  kept(): string | null;
  keep(token: string | null): void;
}

const WORDS = {
  en: {
    on: "Turn notifications on",
    off: "Turn notifications off",
    working: "One moment.",
    is_on: "This browser is told.",
    is_off: "This browser is not told any more.",
    denied: "Notifications are blocked for this page. Allow them in the browser's settings.",
    failed: "The watch could not be reached. Try again in a minute.",
  },
  es: {
    on: "Activar las notificaciones",
    off: "Desactivar las notificaciones",
    working: "Un momento.",
    is_on: "Se avisa a este navegador.",
    is_off: "Ya no se avisa a este navegador.",
    denied: "Las notificaciones están bloqueadas para esta página. Permítelas en los ajustes del navegador.",
    failed: "No se pudo llegar al vigía. Inténtalo de nuevo en un minuto.",
  },
} as const;
type Words = (typeof WORDS)["en" | "es"];

const KEY = "rostra.status.push";

/** Makes the button work where the browser can; its section stays hidden where it cannot. */
export async function offerPush(
  button: HTMLButtonElement,
  status: HTMLElement,
  world: World = browser(),
): Promise<void> {
  const { vapid, base } = button.dataset;
  if (!world.serviceWorker || !world.pushes || !vapid || base === undefined) return;
  const words: Words = WORDS[button.ownerDocument.documentElement.lang === "es" ? "es" : "en"];
  const offer = new Offer(button, status, world, words, vapid, base);
  await offer.begin();
}

class Offer {
  constructor(
    private readonly button: HTMLButtonElement,
    private readonly status: HTMLElement,
    private readonly world: World,
    private readonly words: Words,
    private readonly vapid: string,
    private readonly base: string,
  ) {}

  async begin(): Promise<void> {
    const section = this.button.closest("section");
    if (section) section.hidden = false;
    this.button.addEventListener("click", () => void this.press());
    this.show(this.world.kept() !== null && this.world.permission() === "granted");
  }

  private show(on: boolean): void {
    this.button.textContent = on ? this.words.off : this.words.on;
    this.button.setAttribute("aria-pressed", String(on));
  }

  private async press(): Promise<void> {
    if (this.button.disabled) return;
    this.button.disabled = true;
    this.status.textContent = this.words.working;
    try {
      const token = this.world.kept();
      this.status.textContent = await (token === null ? this.turnOn() : this.turnOff(token));
    } catch {
      this.status.textContent = this.words.failed;
    } finally {
      this.button.disabled = false;
    }
  }

  private async turnOn(): Promise<string> {
    // First of all: browsers ask only while they see the press.
    if ((await this.world.ask()) !== "granted") return this.words.denied;
    const manager = await this.manager();
    const subscription = await manager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: bytes(this.vapid),
    });
    const wish = { ...this.wish(), channel: "webpush", subscription: subscription.toJSON() };
    const answer = await this.world.post(`${this.base}/api/subscriptions`, wish);
    const token = field(answer.body, "token");
    if (!answer.ok || token === null) {
      await subscription.unsubscribe();
      return refusal(answer.body) ?? this.words.failed;
    }
    this.world.keep(token);
    this.show(true);
    return this.words.is_on;
  }

  private async turnOff(token: string): Promise<string> {
    // Gone here means gone: the watch learns the rest from the push service's 410.
    const subscription = await (await this.manager()).getSubscription();
    await subscription?.unsubscribe();
    this.world.keep(null);
    this.show(false);
    await this.world.post(`${this.base}/api/subscriptions/end`, { token });
    return this.words.is_off;
  }

  private async manager(): Promise<PushManager> {
    const worker = this.world.serviceWorker;
    if (!worker) throw new Error("no service worker");
    const registration = await worker.register(`${this.base}/sw-status.js`);
    return (await active(registration)).pushManager;
  }

  /** What is ticked in the form around the button. */
  private wish(): { components: string[]; topics: string[]; language: string } {
    const form = this.button.form;
    const given = form ? new FormData(form) : new FormData();
    const all = (name: string) => given.getAll(name).map(String);
    const [language = "en"] = all("language");
    return { components: all("component"), topics: all("topic"), language };
  }
}

/** The registration once its worker runs: some browsers subscribe to no other. */
async function active(registration: ServiceWorkerRegistration): Promise<ServiceWorkerRegistration> {
  const worker = registration.active ? null : (registration.installing ?? registration.waiting);
  if (worker) {
    await new Promise<void>((resolve) => {
      const look = () => (worker.state === "activated" || worker.state === "redundant") && resolve();
      worker.addEventListener("statechange", look);
      look();
    });
  }
  return registration;
}

/** Base64url (RFC 4648, section 5) as bytes. */
export function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const plain = base64url.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(plain), (one) => one.charCodeAt(0));
}

function field(body: unknown, name: string): string | null {
  const value = typeof body === "object" && body !== null ? Reflect.get(body, name) : null;
  return typeof value === "string" ? value : null;
}

/** The sentence of an error's answer. */
function refusal(body: unknown): string | null {
  const error = typeof body === "object" && body !== null ? Reflect.get(body, "error") : null;
  return field(error, "sentence");
}

function browser(): World {
  return {
    serviceWorker: navigator.serviceWorker,
    pushes: "PushManager" in window && "Notification" in window,
    permission: () => Notification.permission,
    ask: () => Notification.requestPermission(),
    post: async (path, body) => {
      const answer = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      return { ok: answer.ok, body: await answer.json().catch(() => null) };
    },
    kept: () => {
      try {
        return localStorage.getItem(KEY);
      } catch {
        return null;
      }
    },
    keep: (token) => {
      try {
        if (token === null) localStorage.removeItem(KEY);
        else localStorage.setItem(KEY, token);
      } catch {
        return; // Storage may be forbidden; the notifications come all the same.
      }
    },
  };
}
