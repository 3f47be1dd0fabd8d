"""Why somebody finds no place: in the words of a refusal."""

from rostra.domain.errors import ForbiddenError, HouseError, PeerError, RostraError
from rostra.wire.stagelink import Parting


def closed(farewell: Parting | None) -> RostraError:
    """A stage that is over is told from one whose studio restarts, which is worth a retry."""
    if farewell:
        return PeerError(farewell.sentence, status=409)
    sentence = "This stage is closed for a moment. Try again in a few seconds."
    return HouseError(sentence)


def gone(*, removed: bool) -> RostraError:
    """A place was lost while its holder was being answered: to a host, or to somebody else."""
    if removed:
        sentence = "A host took you off this stage while you were connecting."
        return ForbiddenError(sentence)
    sentence = "Your place went to somebody else while you were connecting. Try again."
    return PeerError(sentence, status=409)
