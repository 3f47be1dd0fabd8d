// Words of a late start, a break, and who says what beside the sound, English and Spanish.
import type { Lang } from "../common/lang.svelte";

const en = {
  title: "Not yet",
  newTime: (at: string, planned: string) => `It begins at ${at}. It was planned for ${planned}.`,
  waitsForHost: "The house waits for the host.",
  interrupted: "The stage lost its connection. You stay connected, and the sound goes on by itself when the speakers are back.",
  since: (at: string) => `Since ${at}.`,
  /** By the codes of `reason`. */
  reasons: {
    break: "A break. You stay connected; the hosts go on in a moment.",
    empty: "Nobody is on stage at the moment. You stay connected, and the sound goes on by itself.",
  } as Record<string, string>,
  next: "Next to speak:",
  hostsSay: "From the hosts",
};

const es: typeof en = {
  title: "Todavía no",
  newTime: (at, planned) => `Empieza a las ${at}. Estaba prevista a las ${planned}.`,
  waitsForHost: "La casa espera al anfitrión.",
  interrupted: "El estrado ha perdido la conexión. Sigues conectado, y el sonido vuelve solo cuando vuelvan los ponentes.",
  since: (at) => `Desde las ${at}.`,
  reasons: {
    break: "Una pausa. Sigues conectado; los anfitriones continúan en un momento.",
    empty: "Ahora mismo no hay nadie en el estrado. Sigues conectado, y el sonido vuelve solo.",
  },
  next: "Habla después:",
  hostsSay: "De los anfitriones",
};

export const lateWords: Record<Lang, typeof en> = { en, es };
