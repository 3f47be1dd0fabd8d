"""An error carries a sentence for a person and, if a peer caused it, a status."""

import pytest

from rostra.domain import errors


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.PeerError, 400),
        (errors.MalformedError, 400),
        (errors.ForbiddenError, 403),
        (errors.NotFoundError, 404),
    ],
)
def test_a_peers_error_has_its_status_and_may_be_given_another(
    kind: type[errors.PeerError], status: int
) -> None:
    assert kind("Why.").status == status
    assert kind("Why.", status=413).status == 413
    assert kind("Another.").status == status
    assert kind("Why.").sentence == str(kind("Why.")) == "Why."


def test_the_two_families_do_not_mix() -> None:
    assert not issubclass(errors.HouseError, errors.PeerError)
    assert issubclass(errors.HouseError, errors.RostraError)
