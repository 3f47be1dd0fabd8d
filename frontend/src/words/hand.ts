// Words of a raised hand and an invitation on stage, English and Spanish.
import type { Lang } from "../common/lang.svelte";

const en = {
  title: "Your hand is up",
  text: "If you say who you are, the hosts can decide more easily. They alone see it.",
  name: "Your name",
  note: "What you would like to say",
  send: "Send to the hosts",
  sent: "The hosts have it.",
  checkText: "Check your microphone now: then you are on stage within two seconds when you are invited.",
  cannot: "You can be invited on stage only where this page is opened with https://.",
  lower: "Take it down",
  close: "Close",
  invited: "The host invites you on stage",
  invitedText: "Everybody who listens will hear you.",
  accept: "Come on stage",
  decline: "Not now",
  within: (s: string) => `You have ${s} s to come.`,
  coming: "You are coming on stage",
  late: "The time of your invitation is over. Your hand is still up.",
  withdrawn: "The hosts took the invitation back. Your hand is still up.",
  dismissed: "The hosts took your hand down.",
  failed: "You could not come on stage.",
  back: "You are back in the audience. The sound goes on.",
  noMicrophone: "Without a microphone you cannot come on stage. Allow it, then press again.",
};

const es: typeof en = {
  title: "Tu mano está arriba",
  text: "Si dices quién eres, los anfitriones deciden mejor. Solo ellos lo ven.",
  name: "Tu nombre",
  note: "Qué te gustaría decir",
  send: "Enviar a los anfitriones",
  sent: "Los anfitriones lo tienen.",
  checkText: "Comprueba ahora tu micrófono: así subes al estrado en dos segundos cuando te inviten.",
  cannot: "Solo se te puede invitar al estrado si esta página se abre con https://.",
  lower: "Bajarla",
  close: "Cerrar",
  invited: "El anfitrión te invita al estrado",
  invitedText: "Te oirán todos los que escuchan.",
  accept: "Subir al estrado",
  decline: "Ahora no",
  within: (s) => `Tienes ${s} s para subir.`,
  coming: "Estás subiendo al estrado",
  late: "El tiempo de tu invitación ha pasado. Tu mano sigue arriba.",
  withdrawn: "Los anfitriones han retirado la invitación. Tu mano sigue arriba.",
  dismissed: "Los anfitriones han bajado tu mano.",
  failed: "No has podido subir al estrado.",
  back: "Vuelves a estar entre el público. El sonido sigue.",
  noMicrophone: "Sin micrófono no puedes subir al estrado. Permítelo y pulsa otra vez.",
};

export const handWords: Record<Lang, typeof en> = { en, es };
