// Starts the listener's page.
import "../common/tokens.css";
import "../common/base.css";
import { mount } from "svelte";
import Listen from "./Listen.svelte";
import { Session } from "./session.svelte";

declare global {
  interface Window {
    /** What a test or a person in the console may ask of this page. */
    __rostra?: { facts: () => Record<string, unknown> };
  }
}

const id = /^\/s\/([^/]+)/.exec(location.pathname)?.[1] ?? "";
const audio = new Audio();
audio.preload = "none";
const session = new Session(id, audio, new URL(location.href));
session.begin(document.getElementById("rostra-state")?.textContent ?? null);
window.__rostra = { facts: () => session.facts() };

const target = document.getElementById("app");
if (target !== null) {
  target.append(audio);
  mount(Listen, { target, props: { session, audio } });
}
