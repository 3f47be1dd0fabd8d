"""What the command line asks of a running watch, over its operators' API."""

from types import TracebackType
from typing import Any, Final, Self

import httpx

from rostra.app.config import Settings
from rostra.app.house_client import read
from rostra.app.house_state import NoHouseError
from rostra.app.secrets import watch_token
from rostra.domain.errors import HouseError, PeerError

ADMIN: Final = "/status/api/admin"
WATCH_WAIT_S: Final = 10.0
"""The watch answers from memory and one file; longer means that it hangs."""
WATCH_ID_CHARS_MAX: Final = 32
"""As the store keeps them."""


class WatchClient:
    """A client with the operator's rights; `url` is another watch than this house's."""

    def __init__(self, settings: Settings, url: str = "") -> None:
        token = _token(settings)
        self._url = url.rstrip("/").removesuffix("/status") or own_url(settings)
        self._http = httpx.Client(
            base_url=f"{self._url}{ADMIN}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=WATCH_WAIT_S,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _one: BaseException | None,
        _at: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Read; errors as `post`."""
        return self._call("GET", path, None)

    def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        """Write; PeerError or HouseError with the watch's own sentence, NoHouseError without it."""
        return self._call("POST", path, body)

    def act(self, path: str, subject: str, action: str, body: object) -> Any:  # noqa: ANN401 - JSON
        """Do something to one incident or work."""
        return self.post(f"{path}/{checked_id(subject)}/{action}", body)

    def _call(self, method: str, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        try:
            return read(self._http.request(method, path, json=body))
        except httpx.ConnectError as error:
            sentence = f"No watch answers at {self._url}. Start one: rostra watch, or rostra serve."
            raise NoHouseError(sentence) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            sentence = f"The watch at {self._url} does not answer ({error}). See its log."
            raise HouseError(sentence) from error


def own_url(settings: Settings) -> str:
    """Where the watch of this house answers on this machine."""
    host = settings.watch.bind or "127.0.0.1"
    host = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - every address is this one too
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.watch_port}"


def _token(settings: Settings) -> str:
    """The token that lets an operator in; NoHouseError where no watch has run on this folder."""
    try:
        return watch_token(settings)
    except HouseError as error:
        raise NoHouseError(error.sentence) from error


def checked_id(word: str) -> str:
    """The id of an incident or a work as it was typed; PeerError if it cannot be one."""
    if not (word.isascii() and word.isalnum()) or len(word) > WATCH_ID_CHARS_MAX:
        sentence = f"{word[:40]!r} is no id. See `rostra incident list`."
        raise PeerError(sentence)
    return word
