// Words for what the desk and the studio refuse, by the codes of their errors, English and Spanish.
import type { Lang } from "../common/lang.svelte";

const en: Readonly<Record<string, string>> = {
  needs_account: "Sign in first: this needs an account of this house.",
  wrong_password: "Name and password do not fit together. See both, and try again.",
  name_taken: "This name has an account already. Choose another one.",
  by_invitation: "Accounts of this house are by invitation. Ask its owner for a link.",
  link_used: "This link was used, has expired, or is incomplete. Ask for a new one.",
  owner_only: "Only the owner of this house may do this. Ask them.",
  not_yours: "This conversation belongs to somebody else. Ask its host.",
  too_often: "There were too many tries from this network. Wait a little, and try again.",
  too_many_spaces: "You have as many conversations to come as are kept. End or cancel one first.",
  in_the_past: "This time is in the past. Give one that is to come.",
  no_such_space: "There is no conversation at this address. Check the link, or see the home page.",
  bad_link: "This link was not made by this house, or a part of it is missing. Ask the host for it again.",
  expired_link: "This link has expired. Ask the host for a new one.",
  removed: "A host took you off this stage. Ask the host for a new link.",
  full: "The stage is full. You come on it as soon as there is a place.",
  closed: "The stage is closed at the moment.",
  no_studio: "No studio can be reached for this conversation at the moment. Try again in a few seconds.",
  studio_silent: "The studio gave no answer in time. Try again.",
  busy: "The desk is busy. Try again in a few seconds.",
  fault: "The desk made a mistake. It is logged; try again, and tell the operator.",
};

const es: typeof en = {
  needs_account: "Entra primero: hace falta una cuenta de esta casa.",
  wrong_password: "El nombre y la contraseña no encajan. Revisa los dos y prueba otra vez.",
  name_taken: "Este nombre ya tiene cuenta. Elige otro.",
  by_invitation: "Las cuentas de esta casa son por invitación. Pide un enlace a su titular.",
  link_used: "Este enlace ya se usó, ha caducado o está incompleto. Pide uno nuevo.",
  owner_only: "Solo la persona titular de esta casa puede hacerlo. Pídeselo.",
  not_yours: "Esta conversación es de otra persona. Pregunta a su anfitrión.",
  too_often: "Ha habido demasiados intentos desde esta red. Espera un poco y prueba otra vez.",
  too_many_spaces: "Tienes ya tantas conversaciones previstas como se guardan. Termina o cancela una antes.",
  in_the_past: "Esta hora ya ha pasado. Da una que esté por venir.",
  no_such_space: "No hay ninguna conversación en esta dirección. Revisa el enlace, o mira la página de inicio.",
  bad_link: "Este enlace no es de esta casa, o le falta una parte. Pídeselo otra vez al anfitrión.",
  expired_link: "Este enlace ha caducado. Pide uno nuevo al anfitrión.",
  removed: "Un anfitrión te ha retirado de este estrado. Pídele un enlace nuevo.",
  full: "El estrado está lleno. Subirás en cuanto haya sitio.",
  closed: "El estrado está cerrado en este momento.",
  no_studio: "Ahora mismo no se llega a ningún estudio para esta conversación. Prueba otra vez en unos segundos.",
  studio_silent: "El estudio no ha respondido a tiempo. Prueba otra vez.",
  busy: "La recepción está ocupada. Prueba otra vez en unos segundos.",
  fault: "La recepción ha cometido un error. Está anotado; prueba otra vez y avisa a quien la opera.",
};

export const refusalWords: Record<Lang, Readonly<Record<string, string>>> = { en, es };
