// Words of the studio to one participant, English and Spanish: howl, time, moved, another role.
import type { Lang } from "../common/lang.svelte";

const en = {
  howl: "Your microphone hears your own loudspeaker, and it howls. Use headphones, or move away from the loudspeaker. The house keeps you quiet until it is over.",
  howlOver: "The howling is over. You are heard at full strength again.",
  timeSoon: (s: string) => `You have ${s} s left.`,
  timeUp: "Your time is up, and you are muted. You can switch yourself on again when a host lets you.",
  toStage: "A host brought you on stage. The audience hears you.",
  toStageMuted: "A host brought you on stage. The audience hears you once you unmute.",
  toStageEarly: "A host brought you on stage. The audience hears you once it is live.",
  toBackstage: "A host moved you backstage. The audience does not hear you.",
  roles: {
    host: "You are a host now.",
    cohost: "You are a co-host now: the queue and the stage are yours to lead too.",
    speaker: "You are a speaker now.",
  } as Record<string, string>,
  backstage: "You are backstage. Those on stage and behind it hear you; the audience does not.",
  myTime: (time: string) => `Your time: ${time}`,
  nextUp: (name: string) => `Next: ${name}`,
  message: (text: string) => `Message of the hosts to everybody: ${text}`,
};

const es: typeof en = {
  howl: "Tu micrófono oye tu propio altavoz y se acopla. Usa auriculares, o aléjate del altavoz. La casa te baja hasta que termine.",
  howlOver: "El acople ha terminado. Se te vuelve a oír con toda la fuerza.",
  timeSoon: (s) => `Te quedan ${s} s.`,
  timeUp: "Se ha acabado tu tiempo y estás en silencio. Puedes volver a activarte cuando un anfitrión te deje.",
  toStage: "Un anfitrión te ha subido al estrado. El público te oye.",
  toStageMuted: "Un anfitrión te ha subido al estrado. El público te oirá cuando te actives.",
  toStageEarly: "Un anfitrión te ha subido al estrado. El público te oirá cuando empiece el directo.",
  toBackstage: "Un anfitrión te ha pasado entre bastidores. El público no te oye.",
  roles: {
    host: "Ahora eres anfitrión.",
    cohost: "Ahora eres coanfitrión: también llevas la cola y el estrado.",
    speaker: "Ahora eres ponente.",
  },
  backstage: "Estás entre bastidores. Te oyen en el estrado y tras él; el público, no.",
  myTime: (time) => `Tu tiempo: ${time}`,
  nextUp: (name) => `Después: ${name}`,
  message: (text) => `Mensaje de los anfitriones a todo el mundo: ${text}`,
};

export const toldWords: Record<Lang, typeof en> = { en, es };
