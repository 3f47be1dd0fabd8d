// Words of the audience's bar, English and Spanish: reactions and hands.
import type { Lang } from "../common/lang.svelte";
import type { Reaction } from "../listen/audience";

const en = {
  react: "React",
  reactions: "Reactions",
  raise: "Raise hand",
  raised: "Hand is up",
  kinds: { clap: "Applause", heart: "Heart", laugh: "Laughter", wow: "Wow", agree: "Agreed" } as Record<Reaction, string>,
  doubtful: "Your hand may not be seen at the moment.",
  tooOften: "That was a lot at once. Wait a moment.",
  notNow: "The house takes none at this moment.",
  lost: "It did not get through. Try again.",
};

const es: typeof en = {
  react: "Reaccionar",
  reactions: "Reacciones",
  raise: "Pedir palabra",
  raised: "Mano arriba",
  kinds: { clap: "Aplauso", heart: "Corazón", laugh: "Risa", wow: "Asombro", agree: "De acuerdo" },
  doubtful: "Puede que tu mano no se vea en este momento.",
  tooOften: "Han sido muchas de golpe. Espera un momento.",
  notNow: "La casa no las recoge en este momento.",
  lost: "No ha llegado. Vuelve a intentarlo.",
};

export const audienceWords: Record<Lang, typeof en> = { en, es };
