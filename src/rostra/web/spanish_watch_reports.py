"""In Spanish: what the watch says of reports, and of requests that its guard refuses."""

from typing import Final

WATCH_REPORTS: Final = {
    "The report is not as it should be: {}. See the reference of reports.": (
        "El aviso no tiene la forma debida: {}. Mira la referencia de los avisos."
    ),
    "The report is not JSON. Mend its syntax.": "El aviso no es JSON. Corrige su sintaxis.",
    "This page has no such component. Choose one of its list.": (
        "Esta página no tiene ese componente. Elige uno de su lista."
    ),
    "This is no kind of trouble. Choose one of {}.": (
        "Ese no es un tipo de problema. Elige uno de estos: {}."
    ),
    "The place is a country such as ES or a part of it such as ES-MD. Or leave it out.": (
        "El lugar es un país, como ES, o una parte de él, como ES-MD. También puedes omitirlo."
    ),
    "The device's word has up to {} letters and digits. Shorten it.": (
        "La palabra del aparato tiene como mucho {} letras y cifras. Acórtala."
    ),
    "The proof exceeds {} characters. Ask for a new challenge.": (
        "La prueba supera {} caracteres. Pide un reto nuevo."
    ),
    "The source is page, listener or api. Choose one, or leave it out.": (
        "El origen es page, listener o api. Elige uno u omítelo."
    ),
    "The form did not come whole. Go back and send it again.": (
        "El formulario no llegó entero. Vuelve atrás y envíalo de nuevo."
    ),
    "Too many reports come at once. Try again in {} seconds.": (
        "Llegan demasiados avisos a la vez. Inténtalo de nuevo en {} segundos."
    ),
    "Many reports came from your network, and they are noted. Come back in {} s.": (
        "Han llegado muchos avisos desde tu red y están anotados. Vuelve en {} s."
    ),
    "The report could not be kept. Try again in a few seconds.": (
        "No se pudo guardar el aviso. Inténtalo de nuevo en unos segundos."
    ),
    "Another site's page asked for this. Open this page's own address and try there.": (
        "Lo pidió la página de otro sitio. Abre la dirección de esta página e inténtalo allí."
    ),
}
