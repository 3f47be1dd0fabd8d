"""What operators read of reports, in Spanish."""

from typing import Final

TOLD_SPANISH: Final = {
    "told_range": "Tiempo",
    "told_range_1h": "Última hora",
    "told_range_24h": "Últimas 24 horas",
    "told_range_14d": "Últimos 14 días",
    "told_kind": "Tipo",
    "told_kind_all": "Todos los tipos",
    "told_outcome": "Qué avisos",
    "told_outcome_counted": "Los que cuentan",
    "told_outcome_unproven": "Los que no cuentan",
    "told_outcome_repeat": "Los repetidos",
    "told_outcome_all": "Todos los avisos",
    "told_show": "Mostrar",
    "told_came": "Avisos que llegaron desde el {since} hasta el {until}: {n}.",
    "told_kinds": "Todos, por tipo y por lo que fue de ellos",
    "outcome_word_counted": "cuenta",
    "outcome_word_unproven": "no cuenta",
    "outcome_word_repeat": "repetido",
    "outcome_word_surplus": "de más",
    "told_shared": "Lo que comparte la mayoría",
    "told_summed": "Avisos que se suman aquí: {n}; {told} dicen algo de su reproductor.",
    "told_capped": "Son los más recientes; puede haber más.",
    "told_shared_one": "{fact}: {value}, {n} de {told}",
    "told_shared_none": (
        "Ningún nodo, red, navegador, aparato, códec o forma de sonar aparece en dos de cada tres."
    ),
    "told_caution": (
        "Aquí solo están quienes tienen problemas, y comparten lo que casi todo el"
        " mundo tiene. Un tiempo más largo muestra lo habitual."
    ),
    "told_facts": "Lo que los reproductores dicen de sí mismos",
    "told_by": "lo dicen {n}",
    "told_others": "otros",
    "told_yes": "sí",
    "told_no": "no",
    "told_median": "la mitad, hasta {n}",
    "told_half": "la mitad central, de {low} a {high}",
    "told_whole": "todos, de {least} a {most}",
    "told_from": "De dónde llegan",
    "told_sources": "Enviados desde",
    "source_page": "página de estado",
    "source_listener": "página de escucha",
    "source_api": "un programa",
    "told_places": "Lugares",
    "told_places_text": (
        "De los que cuentan. Los lugares con menos de {n} no se nombran: alguien podría"
        " ser reconocido."
    ),
    "told_elsewhere": "sin nombrar",
    "told_newest": "Los más recientes, uno a uno",
    "told_nothing": "no dice nada de su reproductor",
    "told_none": (
        "Ningún aviso de lo que elegiste. Elige un tiempo más largo, otro tipo o todos los avisos."
    ),
    "fact_edge": "Nodo",
    "fact_network": "Red",
    "fact_browser": "Navegador",
    "fact_device": "Aparato",
    "fact_codec": "Códec",
    "fact_transport": "Forma de sonar",
    "fact_state": "Estado",
    "fact_page": "Página",
    "fact_muted": "Silenciado",
    "fact_hidden": "Oculto",
    "fact_playing": "Sonando",
    "fact_latency_ms": "Retraso, ms",
    "fact_buffered_ms": "Guardados, ms",
    "fact_first_sound_ms": "Primer sonido tras, ms",
    "fact_stalled_ms": "En silencio, ms",
    "fact_stalls": "Silencios",
    "fact_skips": "Saltos",
    "fact_reconnects": "Conexiones",
    "fact_tick_ms": "Paso del nodo, ms",
    "fact_listened_s": "Escuchados, s",
    "fact_loss_percent": "Perdido por el camino, %",
}
