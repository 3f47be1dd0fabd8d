"""The bodies of requests and answers; `docs/reference/http.md` and OpenAPI show the same."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from rostra.domain.limits import MARK_CHARS_MAX
from rostra.domain.schedule import DOORS_BEFORE_S
from rostra.wire.listening import HOURS_DEFAULT, HOURS_MAX, ListeningRole


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LogIn(_Request):
    """A name and its password."""

    name: str
    password: str


class Registration(_Request):
    """A new account: by the owner's one-time link, an invitation, or freely where that is open."""

    name: str
    password: str
    token: str = ""


class NewSpace(_Request):
    """A space to plan. `at` is `now` or ISO 8601 with an offset; the doors open before it."""

    title: str
    at: str
    description: str = ""
    hosts: tuple[str, ...] | None = None
    language: str = "en"
    doors_before_s: int = DOORS_BEFORE_S


class NewLink(_Request):
    """A link to make; `name` is who it is for, shown before they choose another."""

    role: Literal["speaker", "host"]
    name: str = ""


class NewPass(_Request):
    """A listening ticket to sign, good for so many hours from now."""

    role: ListeningRole = ListeningRole.LISTENER
    hours: int = Field(default=HOURS_DEFAULT, ge=1, le=HOURS_MAX)


class StageOffer(_Request):
    """A WebRTC offer (RFC 8829) with the ticket that permits it."""

    ticket: str
    sdp: str
    name: str = ""
    device: str = Field(default="", max_length=MARK_CHARS_MAX)
    photo: str = Field(default="", max_length=MARK_CHARS_MAX)


class StageClaim(_Request):
    """A WebRTC offer with the secret of an invitation."""

    secret: str = Field(max_length=MARK_CHARS_MAX)
    sdp: str
    name: str = ""
    device: str = Field(default="", max_length=MARK_CHARS_MAX)
    photo: str = Field(default="", max_length=MARK_CHARS_MAX)


class AccountView(BaseModel):
    """An account as its holder sees it."""

    id: str
    name: str
    role: str


class Me(BaseModel):
    """Who asks."""

    account: AccountView | None
    accounts_open: bool


class Url(BaseModel):
    """An address to hand on."""

    url: str


class SpaceView(BaseModel):
    """A space as everybody may know it. `listening`: connections and HLS sessions."""

    id: str
    title: str
    description: str
    language: str
    hosts: list[str]
    t0_utc: str
    state: str
    reason: str
    listening: int
    listen_url: str


class OwnSpaceView(SpaceView):
    """A space as its owner sees it, with the links of its stage."""

    host_url: str
    speaker_url: str


class SpaceLists(BaseModel):
    """What is on and what comes."""

    live: list[SpaceView]
    coming: list[SpaceView]


class OwnSpaces(BaseModel):
    """The caller's own spaces, newest first."""

    spaces: list[OwnSpaceView]


class Created(BaseModel):
    """A planned space and its three addresses."""

    id: str
    listen_url: str
    host_url: str
    speaker_url: str


class ListeningPass(BaseModel):
    """A listening ticket, and the page that it opens."""

    ticket: str
    url: str
    expires_utc_s: int


class StateNow(BaseModel):
    """Where a space is after a command."""

    state: str


class TicketView(BaseModel):
    """What a link permits, and what its page needs to connect."""

    space: str
    role: str
    name: str
    title: str
    state: str
    t0_utc: str
    ice_servers: list[dict[str, Any]] = Field(description="As a browser's RTCIceServer")
    listen_url: str
    speaker_url: str = Field(description="For hosts, who invite speakers; empty for speakers")


class HoldMade(BaseModel):
    """What became of a sound file; `cut`: it was longer than what is used of it."""

    seconds: float
    lufs: float = Field(description="How loud the file was; it is brought to -16 LUFS")
    cut: bool


class PhotoMade(BaseModel):
    """A photograph's name, for the offer that brings its speaker on stage."""

    photo: str


class StageAnswer(BaseModel):
    """The studio's answer: SDP, who you are on stage, and the ticket that brings you back."""

    sdp: str
    participant: str
    resume: str


class ErrorBody(BaseModel):
    """What was wrong, for a person; `field` names the part of the request it is about."""

    sentence: str
    field: str | None


class ErrorView(BaseModel):
    """Every error of the API."""

    error: ErrorBody
