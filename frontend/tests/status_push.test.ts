// The button of notifications, and the worker that shows them, with a browser made by hand.
import { describe, expect, test } from "vitest";
import source from "../public/sw-status.js?raw";
import { bytes, offerPush, type World } from "../src/status/push";

interface Posted {
  path: string;
  body: Record<string, unknown>;
}

class FakeButton {
  disabled = false;
  textContent = "";
  pressed = "";
  form = null;
  section = { hidden: true };
  ownerDocument: unknown;
  dataset: Record<string, string> = { vapid: "BAEC_-8", base: "/status" };
  private click: () => void = () => {};

  constructor(lang = "en") {
    this.ownerDocument = { documentElement: { lang } };
  }

  closest(): { hidden: boolean } {
    return this.section;
  }

  addEventListener(_: string, listener: () => void): void {
    this.click = listener;
  }

  setAttribute(_: string, value: string): void {
    this.pressed = value;
  }

  async press(): Promise<void> {
    this.click();
    while (this.disabled) await Promise.resolve();
  }
}

class FakeWorld {
  posted: Posted[] = [];
  token: string | null = null;
  answer: { ok: boolean; body: unknown } = { ok: true, body: { state: "confirmed", token: "T" } };
  allowed: NotificationPermission = "granted";
  subscribed = false;
  key: Uint8Array | null = null;
  registered = "";
  pushes = true;

  private readonly subscription = {
    toJSON: () => ({ endpoint: "https://push.example.org/1", keys: { p256dh: "P", auth: "A" } }),
    unsubscribe: async () => {
      this.subscribed = false;
      return true;
    },
  };

  serviceWorker = {
    register: async (path: string) => {
      this.registered = path;
      return {
        active: {},
        pushManager: {
          subscribe: async (options: { applicationServerKey: Uint8Array }) => {
            this.subscribed = true;
            this.key = options.applicationServerKey;
            return this.subscription;
          },
          getSubscription: async () => (this.subscribed ? this.subscription : null),
        },
      } as unknown as ServiceWorkerRegistration;
    },
  };

  permission = () => this.allowed;
  ask = async () => this.allowed;
  kept = () => this.token;
  keep = (token: string | null) => {
    this.token = token;
  };
  post = async (path: string, body: unknown) => {
    this.posted.push({ path, body: body as Record<string, unknown> });
    return this.answer;
  };
}

async function offered(world: FakeWorld, lang = "en") {
  const button = new FakeButton(lang);
  const status = { textContent: "" };
  await offerPush(
    button as unknown as HTMLButtonElement,
    status as unknown as HTMLElement,
    world as unknown as World,
  );
  return { button, status };
}

describe("the button of notifications", () => {
  test("is not there where the browser cannot", async () => {
    const world = new FakeWorld();
    world.pushes = false;
    expect((await offered(world)).button.section.hidden).toBe(true);
  });

  test("turns them on with the house's key, and off again with the word", async () => {
    const world = new FakeWorld();
    const { button, status } = await offered(world);
    expect(button.section.hidden).toBe(false);
    expect(button.textContent).toBe("Turn notifications on");
    await button.press();
    expect(status.textContent).toBe("This browser is told.");
    expect(world.registered).toBe("/status/sw-status.js");
    expect([...(world.key ?? [])]).toEqual([4, 1, 2, 255, 239]);
    expect(world.posted[0]?.path).toBe("/status/api/subscriptions");
    expect(world.posted[0]?.body).toMatchObject({
      channel: "webpush",
      components: [],
      subscription: { endpoint: "https://push.example.org/1" },
    });
    expect(world.token).toBe("T");
    expect(button.pressed).toBe("true");

    await button.press();
    expect(world.posted[1]).toEqual({ path: "/status/api/subscriptions/end", body: { token: "T" } });
    expect(world.subscribed).toBe(false);
    expect(world.token).toBeNull();
    expect(button.textContent).toBe("Turn notifications on");
  });

  test("says that they are blocked, and asks nobody else", async () => {
    const world = new FakeWorld();
    world.allowed = "denied";
    const { button, status } = await offered(world, "es");
    await button.press();
    expect(status.textContent).toContain("bloqueadas");
    expect(world.posted).toEqual([]);
  });

  test("leaves nothing behind when the watch refuses, and says its sentence", async () => {
    const world = new FakeWorld();
    world.answer = { ok: false, body: { error: { sentence: "Too many subscriptions." } } };
    const { button, status } = await offered(world);
    await button.press();
    expect(status.textContent).toBe("Too many subscriptions.");
    expect(world.subscribed).toBe(false);
    expect(world.token).toBeNull();
    world.post = () => Promise.reject(new Error("away"));
    await button.press();
    expect(status.textContent).toContain("could not be reached");
  });

  test("reads base64url", () => {
    expect([...bytes("BAEC_-8")]).toEqual([4, 1, 2, 255, 239]);
  });
});

type Listener = (event: unknown) => void;

function worker() {
  const listeners = new Map<string, Listener>();
  const shown: { title: string; options: Record<string, unknown> }[] = [];
  const opened: string[] = [];
  const self = {
    location: { href: "https://status.example.org/status/sw-status.js" },
    addEventListener: (name: string, listener: Listener) => listeners.set(name, listener),
    registration: {
      showNotification: async (title: string, options: Record<string, unknown>) => {
        shown.push({ title, options });
      },
    },
    clients: {
      matchAll: async () => [],
      openWindow: async (url: string) => opened.push(url),
    },
  };
  new Function("self", source)(self);
  const waited: Promise<unknown>[] = [];
  const tell = async (name: string, event: object) => {
    listeners.get(name)?.({ ...event, waitUntil: (work: Promise<unknown>) => waited.push(work) });
    await Promise.all(waited);
  };
  return { shown, opened, tell };
}

describe("the worker", () => {
  test("shows what it is told, the newest of an incident in place of the last", async () => {
    const { shown, tell } = worker();
    const told = { title: "Resolved", body: "Over.", tag: "inc1", url: "/x", lang: "es" };
    await tell("push", { data: { json: () => told } });
    expect(shown[0]).toEqual({
      title: "Resolved",
      options: { body: "Over.", lang: "es", tag: "inc1", renotify: true, data: { url: "/x" } },
    });
  });

  test("shows something for whatever comes: browsers take the right away otherwise", async () => {
    const { shown, tell } = worker();
    await tell("push", { data: null });
    const broken = () => {
      throw new Error("no JSON");
    };
    await tell("push", { data: { json: broken } });
    await tell("push", { data: { json: () => ({ title: 3, body: {}, tag: [] }) } });
    expect(shown.map((one) => one.title)).toEqual(["Status", "Status", "Status"]);
  });

  test("opens the page it is about, and no script", async () => {
    const { opened, tell } = worker();
    const close = () => {};
    for (const url of ["https://status.example.org/status/incidents/1", "javascript:alert(1)", 3]) {
      await tell("notificationclick", { notification: { close, data: { url } } });
    }
    const home = "https://status.example.org/status/";
    expect(opened).toEqual([
      "https://status.example.org/status/incidents/1",
      home,
      `${home}3`,
    ]);
  });
});
