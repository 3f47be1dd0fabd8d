// Words of the listener's page for "I have a problem", English and Spanish.
import type { Lang } from "../common/lang.svelte";

const en = {
  button: "I have a problem",
  title: "What goes wrong for you?",
  text: "Your report goes to the house's own watch, which counts it beside those of others.",
  where: "Where",
  asking: "Asking the watch what it watches.",
  kinds: {
    cannot_join: "I cannot join",
    no_sound: "No sound",
    broken_sound: "Broken sound",
    echo: "Echo",
    late: "It is late",
    cannot_speak: "I cannot speak",
    other: "Something else",
  } as Record<string, string>,
  consent: "Send what my player knows",
  consentText: "Exactly this, and nothing that tells who you are:",
  facts: {
    transport: "way of playing",
    codec: "codec",
    state: "what the player is doing",
    latency_ms: "milliseconds behind",
    stalls: "times without sound",
    skips: "jumps",
    reconnects: "connections made",
    edge: "edge",
    browser: "browser family",
    page: "page",
  } as Record<string, string>,
  send: "Send the report",
  close: "Close",
  status: "What the watch sees",
  kept: "Kept are component, kind and the minute. Not your address.",
};

const es: typeof en = {
  button: "Tengo un problema",
  title: "¿Qué te falla?",
  text: "Tu aviso llega a la vigía de la casa, que lo cuenta junto a los de otros.",
  where: "Dónde",
  asking: "Preguntando a la vigía qué vigila.",
  kinds: {
    cannot_join: "No puedo entrar",
    no_sound: "No hay sonido",
    broken_sound: "El sonido se corta",
    echo: "Hay eco",
    late: "Va con retraso",
    cannot_speak: "No puedo hablar",
    other: "Otra cosa",
  },
  consent: "Enviar lo que sabe mi reproductor",
  consentText: "Exactamente esto, y nada que diga quién eres:",
  facts: {
    transport: "forma de sonar",
    codec: "códec",
    state: "qué hace el reproductor",
    latency_ms: "milisegundos de retraso",
    stalls: "veces sin sonido",
    skips: "saltos",
    reconnects: "conexiones hechas",
    edge: "nodo",
    browser: "familia del navegador",
    page: "página",
  },
  send: "Enviar el aviso",
  close: "Cerrar",
  status: "Lo que ve la vigía",
  kept: "Se guardan componente, tipo y minuto. Tu dirección no.",
};

export const problemWords: Record<Lang, typeof en> = { en, es };
