// Why somebody is off the stage, by the codes of the studio's last word, English and Spanish.
import type { Lang } from "../common/lang.svelte";

const en: Readonly<Record<string, string>> = {
  ended: "Thank you for being on stage.",
  removed: "A host took you off the stage. Ask the host for a new link.",
  banned: "A host has banned you from this stage. You can still listen.",
  elsewhere: "You are on stage from another page or device; this one is closed.",
  away: "Your place was given up after a long absence.",
};

const es: typeof en = {
  ended: "Gracias por haber subido al estrado.",
  removed: "Un anfitrión te ha retirado del estrado. Pídele un enlace nuevo.",
  banned: "Un anfitrión te ha vetado en este estrado. Puedes seguir escuchando.",
  elsewhere: "Estás en el estrado desde otra página u otro dispositivo; esta se ha cerrado.",
  away: "Tu sitio se dejó libre tras una larga ausencia.",
};

export const partingWords: Record<Lang, Readonly<Record<string, string>>> = { en, es };
