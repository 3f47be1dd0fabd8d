"""What a studio reads at its start: keys, options, and the machine that it runs on."""

import hashlib
import platform
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from rostra import __version__
from rostra.app.config import Settings
from rostra.app.studio_calls import Keys
from rostra.domain.errors import HouseError
from rostra.programme.drivers.recording import MB, Bounds
from rostra.stage.ports import IceOptions, IceServer

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
"""Names the monotonic clock: Linux makes another one at each boot (random(4))."""

_BOOT_CHARS: Final = 8


def boot_name(file: Path) -> str:
    """A word for this boot of this machine; empty where the system does not say."""
    try:
        boot = file.read_bytes()
    except OSError:
        return ""
    return hashlib.sha256(boot).hexdigest()[:_BOOT_CHARS]


def keys_of(settings: Settings) -> Keys:
    """The studio's own key, and the desk's; HouseError if the files hold others."""
    own = load_pem_private_key((settings.secrets / "studio.key").read_bytes(), None)
    desk = load_pem_public_key((settings.secrets / "desk.pub").read_bytes())
    if not isinstance(own, Ed25519PrivateKey) or not isinstance(desk, Ed25519PublicKey):
        sentence = f"The keys in {settings.secrets} are not Ed25519. Remove them and start again."
        raise HouseError(sentence)
    return Keys(desk=desk, own=own)


def configuration_of(settings: Settings, name: str) -> dict[str, Any]:
    """What an evening ran on, as the journal keeps it; credentials stay out."""
    stage = settings.stage
    return {
        "rostra": __version__,
        "python": platform.python_version(),
        "studio": name,
        "public_address": stage.public_address,
        "udp_ports": stage.udp_ports,
        "ice_servers": [url for one in stage.ice_servers for url in one.urls],
    }


def bounds_of(settings: Settings) -> Bounds | None:
    """How much this studio records; None for nothing."""
    options = settings.recording
    if not options.on:
        return None
    return Bounds(options.run_mb_max * MB, options.free_mb_min * MB)


def ice_of(settings: Settings) -> IceOptions:
    """How speakers reach this machine."""
    stage = settings.stage
    first, last = (int(port) for port in (stage.udp_ports or "0-0").split("-"))
    servers = tuple(IceServer(one.urls, one.username, one.credential) for one in stage.ice_servers)
    return IceOptions(stage.public_address, first, last, servers)
