// Words that the watch's pages need beyond what the server wrote, English and Spanish.

const en = {
  renewed: "It renews itself every 30 s.",
  stale: (at: string) => `The watch has not answered since ${at}; this page asks again every 30 s.`,
  reports: (n: string) => (n === "1" ? "1 report" : `${n} reports`),
  usual: (usual: string, upper: string) => `usual ${usual}, unusual above ${upper}`,
  probes: (failed: string, n: string) => `${failed} of ${n} probes failed`,
  probesOk: (n: string) => `${n} probes ok`,
  unproven: (n: string) => `${n} not counted`,
  hint: "Point at the chart for its numbers; drag to look closer, press twice to see all.",
  sending: "Sending your report.",
  working: "Your device is computing for a few seconds. It shows that a person meant this report.",
  counted: "Thank you. Your report is in, and counts.",
  repeat: "Thank you. You have reported this within half an hour; it counts once.",
  unproven_sent: "Thank you. Your report is in; without the computing it is shown and not counted.",
  surplus: "Thank you. Your report is in; many come from your network, and some are not counted.",
  refused: "The watch did not take the report. Try again in a minute.",
  failed: "The watch does not answer. Try again in a minute; what you chose stays here.",
};

const es: typeof en = {
  renewed: "Se renueva sola cada 30 s.",
  stale: (at) => `La vigía no responde desde ${at}; esta página vuelve a preguntar cada 30 s.`,
  reports: (n) => (n === "1" ? "1 aviso" : `${n} avisos`),
  usual: (usual, upper) => `lo habitual ${usual}, inusual por encima de ${upper}`,
  probes: (failed, n) => `fallaron ${failed} de ${n} sondas`,
  probesOk: (n) => `${n} sondas bien`,
  unproven: (n) => `${n} sin contar`,
  hint: "Señala el gráfico para ver sus números; arrastra para acercarte, pulsa dos veces para ver todo.",
  sending: "Enviando tu aviso.",
  working: "Tu dispositivo calcula unos segundos. Eso muestra que una persona quiso dar este aviso.",
  counted: "Gracias. Tu aviso ha llegado y cuenta.",
  repeat: "Gracias. Ya avisaste de esto hace menos de media hora; cuenta una vez.",
  unproven_sent: "Gracias. Tu aviso ha llegado; sin el cálculo se muestra y no cuenta.",
  surplus: "Gracias. Tu aviso ha llegado; vienen muchos de tu red y algunos no cuentan.",
  refused: "La vigía no ha aceptado el aviso. Prueba otra vez en un minuto.",
  failed: "La vigía no responde. Prueba otra vez en un minuto; lo que elegiste sigue aquí.",
};

/** The words of the page's own language, as the server wrote it. */
export function statusWords(lang: string): typeof en {
  return lang.startsWith("es") ? es : en;
}
