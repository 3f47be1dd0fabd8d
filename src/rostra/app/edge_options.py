"""What the words of section `edge` must be; each rule says in one sentence what is wrong."""

from rostra.delivery.sources import networks


def proxies(words: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses and networks; ValueError names the one that is neither."""
    for word in words:
        try:
            networks((word,))
        except ValueError as error:
            sentence = f'{word[:80]!r} is no address or network such as "10.0.0.0/8" ({error})'
            raise ValueError(sentence) from error
    return words
