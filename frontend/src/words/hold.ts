// Words of the buttons that want a long press or a typed word, English and Spanish.
import type { Lang } from "../common/lang.svelte";

/** What such a button does. */
export type Action = "start" | "end" | "cancel" | "remove" | "ban" | "break" | "goOn";

const en = {
  hint: "keep pressed",
  type: (word: string) => `Keep the button pressed, or type ${word}`,
  confirm: "Confirm",
  close: "Leave it as it is",
  words: { start: "START", end: "END", cancel: "CANCEL", remove: "REMOVE", ban: "BAN", break: "BREAK", goOn: "GO" } as Record<Action, string>,
};

const es: typeof en = {
  hint: "mantén pulsado",
  type: (word) => `Mantén pulsado el botón, o escribe ${word}`,
  confirm: "Confirmar",
  close: "Dejarlo como está",
  words: {
    start: "INICIAR",
    end: "TERMINAR",
    cancel: "CANCELAR",
    remove: "RETIRAR",
    ban: "VETAR",
    break: "PAUSA",
    goOn: "SEGUIR",
  },
};

export const holdWords: Record<Lang, typeof en> = { en, es };
