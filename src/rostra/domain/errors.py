"""The two families of error: the peer broke the rules, or the house did."""


class RostraError(Exception):
    """Base of every error that the house raises on purpose.

    `sentence` is for a person: what was wrong, where, and what to do about it.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class PeerError(RostraError):
    """Somebody outside broke the rules: answered with `status`, counted, and forgotten."""

    status: int = 400

    def __init__(self, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        if status is not None:
            self.status = status


class NotFoundError(PeerError):
    """The thing that was asked for does not exist here."""

    status = 404


class ForbiddenError(PeerError):
    """The peer is known, or its ticket is read, but it may not do this."""

    status = 403


class HouseError(RostraError):
    """The house itself cannot go on: loud, with the remedy."""


class MalformedError(PeerError):
    """Bytes that should have been one of our formats are not."""
