"""A ticket is believed only with our signature, for its own space and kind, until it expires."""

import base64

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rostra.domain.limits import TICKET_CHARS_MAX
from rostra.wire import tickets
from rostra.wire.tickets import Ticket, TicketError, TicketKind

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
OURS = (KEY.public_key(),)
NOW = 1_723_500_000
ANY = frozenset(TicketKind)


def _ticket(**changes: object) -> Ticket:
    plain = Ticket(TicketKind.SPEAKER, "space", "link-1", NOW + 60, "Ada", "speaker")
    return msgspec.structs.replace(plain, **changes)


def _refusal(word: str, kinds: frozenset[TicketKind] = ANY, space: str = "space") -> str:
    with pytest.raises(TicketError) as caught:
        tickets.verify(word, OURS, NOW, space, kinds)
    assert caught.value.status == (401 if "expired" in caught.value.sentence else 403)
    return caught.value.sentence


def _swapped(word: str, at: int) -> str:
    return word[:at] + ("A" if word[at] != "A" else "B") + word[at + 1 :]


@pytest.mark.parametrize("kind", list(TicketKind))
def test_a_ticket_is_read_back(kind: TicketKind) -> None:
    word = tickets.sign(_ticket(kind=kind), KEY)
    assert tickets.verify(word, OURS, NOW, "space", frozenset({kind})) == _ticket(kind=kind)
    assert tickets.peek_space(word) == "space"


def test_any_of_the_believed_keys_will_do() -> None:
    word = tickets.sign(_ticket(), KEY)
    both = (OTHER.public_key(), KEY.public_key())
    assert tickets.verify(word, both, NOW, "space", ANY) == _ticket()


def test_another_houses_ticket_is_refused() -> None:
    assert "not made by this house" in _refusal(tickets.sign(_ticket(), OTHER))


def test_no_keys_believe_nobody() -> None:
    with pytest.raises(TicketError, match="not made by this house"):
        tickets.verify(tickets.sign(_ticket(), KEY), (), NOW, "space", ANY)


def test_it_expires_at_its_second() -> None:
    assert "expired" in _refusal(tickets.sign(_ticket(expires_utc_s=NOW), KEY))
    word = tickets.sign(_ticket(expires_utc_s=NOW + 1), KEY)
    assert tickets.verify(word, OURS, NOW, "space", ANY).expires_utc_s == NOW + 1


def test_it_is_for_its_own_space_and_kind() -> None:
    word = tickets.sign(_ticket(), KEY)
    assert "for something else" in _refusal(word, space="another")
    assert "for something else" in _refusal(word, kinds=frozenset({TicketKind.HOST}))


def test_one_changed_letter_is_refused_wherever_it_is() -> None:
    word = tickets.sign(_ticket(), KEY)
    for at in range(0, len(word) - 1, 7):
        if word[at] != ".":
            _refusal(_swapped(word, at))


@pytest.mark.parametrize("word", ["", ".", "a.b.c", "no dot", "äö.üß", "a.b", "!!!!.????"])
def test_what_is_no_ticket_is_a_sentence(word: str) -> None:
    assert "again" in _refusal(word) or "this house" in _refusal(word)


def test_a_signed_body_that_is_no_ticket_is_damaged() -> None:
    body = msgspec.msgpack.encode(["speaker", 5])
    words = [base64.urlsafe_b64encode(part).rstrip(b"=") for part in (body, KEY.sign(body))]
    word = b".".join(words).decode()
    assert "damaged" in _refusal(word)
    with pytest.raises(TicketError, match="damaged"):
        tickets.peek_space(word)


@pytest.mark.parametrize("rest", [b"\xa2\xff\xfe", b"\x91" * 700])
def test_a_body_that_cannot_be_read_at_all_is_damaged(rest: bytes) -> None:
    word = base64.urlsafe_b64encode(b"\x99\xa7speaker\xa1s\xa1x\x01\xa0\xa0" + rest).rstrip(b"=")

    def deep_in_a_server(frames: int) -> str:
        return deep_in_a_server(frames - 1) if frames else tickets.peek_space(word.decode() + ".AA")

    with pytest.raises(TicketError, match="damaged"):
        deep_in_a_server(400)


def test_a_ticket_may_have_its_last_character_and_no_more() -> None:
    names = [_ticket(name="x" * length) for length in range(600, 800)]
    words = [tickets.sign(ticket, KEY) for ticket in names]
    fitting = max((word for word in words if len(word) <= TICKET_CHARS_MAX), key=len)
    longer = min((word for word in words if len(word) > TICKET_CHARS_MAX), key=len)
    assert tickets.verify(fitting, OURS, NOW, "space", ANY).space == "space"
    assert "incomplete" in _refusal(longer)
