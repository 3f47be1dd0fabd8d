// Words of sharing, English and Spanish.
import type { Lang } from "../common/lang.svelte";

const en = {
  share: "Share",
  copied: "Link copied",
  copyByHand: "The browser gives no clipboard here. Copy the link by hand:",
};

const es: typeof en = {
  share: "Compartir",
  copied: "Enlace copiado",
  copyByHand: "El navegador no da portapapeles aquí. Copia el enlace a mano:",
};

export const shareWords: Record<Lang, typeof en> = { en, es };
