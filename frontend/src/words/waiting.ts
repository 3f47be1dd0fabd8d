// Words of who waits for a place, English and Spanish.
import type { Lang } from "../common/lang.svelte";

const en = {
  title: "The house is full at the moment.",
  place: (n: string) => `You are about number\u00a0${n}.`,
  placeAndTime: (n: string, time: string) => `You are about number\u00a0${n}, about\u00a0${time}.`,
  time: (time: string) => `About ${time}.`,
  seconds: (s: string) => `${s}\u00a0s`,
  minutes: (m: string) => `${m}\u00a0min`,
  stay: "Leave this page open: it asks again by itself, at other edges too, and starts as soon as there is room.",
  asking: "It is asking now.",
};

const es: typeof en = {
  title: "La casa está llena en este momento.",
  place: (n) => `Eres más o menos el número\u00a0${n}.`,
  placeAndTime: (n, time) => `Eres más o menos el número\u00a0${n}, unos\u00a0${time}.`,
  time: (time) => `Unos ${time}.`,
  seconds: (s) => `${s}\u00a0s`,
  minutes: (m) => `${m}\u00a0min`,
  stay: "Deja esta página abierta: vuelve a preguntar sola, también en otros nodos, y empieza en cuanto haya sitio.",
  asking: "Está preguntando.",
};

export const waitingWords: Record<Lang, typeof en> = { en, es };
