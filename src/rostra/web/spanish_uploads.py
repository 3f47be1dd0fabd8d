"""In Spanish: what the desk says of files that hosts and speakers give."""

from typing import Final

UPLOADS: Final = {
    "The file is silent. Give one in which something is heard.": (
        "El archivo está en silencio. Da uno en el que se oiga algo."
    ),
    "An announcement has at most {} seconds. Shorten it.": (
        "Un anuncio dura como mucho {} segundos. Acórtalo."
    ),
    "The file holds less than a second of sound. Give a longer one.": (
        "El archivo tiene menos de un segundo de sonido. Da uno más largo."
    ),
    "{} holds no sound that can be read ({}). Give a WAV, FLAC, Opus, Ogg, MP3, M4A or AAC file.": (
        "{} no tiene sonido que se pueda leer ({}). "
        "Da un archivo WAV, FLAC, Opus, Ogg, MP3, M4A o AAC."
    ),
    "The picture has more than 50 million pixels. Give a smaller one.": (
        "La imagen tiene más de 50 millones de píxeles. Da una más pequeña."
    ),
    "The file is no picture that can be read. Give a JPEG, PNG or WebP file.": (
        "El archivo no es una imagen que se pueda leer. Da un archivo JPEG, PNG o WebP."
    ),
    "The file cannot be read: it is damaged or too long. Give another one.": (
        "El archivo no se puede leer: está dañado o es demasiado largo. Da otro."
    ),
    "The desk could not read the file by its own fault. Its log says why.": (
        "La mesa no pudo leer el archivo por su propia culpa. Su registro dice por qué."
    ),
    "Only a host's link may change what is heard before the start.": (
        "Solo el enlace de un anfitrión puede cambiar lo que se oye antes del comienzo."
    ),
    "Others upload at this moment. Try again in a minute.": (
        "Otros están subiendo archivos ahora. Inténtalo de nuevo en un minuto."
    ),
    "The file did not come within {} s. Try a smaller one.": (
        "El archivo no llegó en {} s. Prueba con uno más pequeño."
    ),
    "The file did not come whole. Try again.": ("El archivo no llegó entero. Inténtalo de nuevo."),
    "The request has no file. Send its bytes as the body.": (
        "La petición no lleva ningún archivo. Envía sus bytes como cuerpo."
    ),
    "The file exceeds {} MB. Give a smaller one.": ("El archivo supera {} MB. Da uno más pequeño."),
    "This desk takes no files.": "Esta mesa no acepta archivos.",
}
