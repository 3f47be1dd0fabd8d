"""What the watch looks at: the components that are configured, or else this house itself."""

from urllib.parse import urlsplit

from rostra.app.config import Settings
from rostra.watch.components import Component, Target


def components_of(settings: Settings) -> tuple[Component, ...]:
    """The components in the order in which the page shows them."""
    given = settings.watch.components
    if not given:
        return _this_house(settings)
    return tuple(Component(**{**one.model_dump(), "target": Target(one.target)}) for one in given)


def page_name(settings: Settings) -> str:
    """The title of the page: the one that is configured, or the house's host."""
    return settings.watch.name or urlsplit(settings.origin).hostname or settings.origin


def _this_house(settings: Settings) -> tuple[Component, ...]:
    """A house as its people meet it; a certificate first, for all others need it."""
    origin = settings.origin
    secure = ("tls",) if settings.domain else ()
    certificate = Component(
        "tls",
        "Certificate",
        Target.TLS,
        f"{settings.domain}:443",
        "The certificate for HTTPS: valid, for this name, and not soon over.",
    )
    page = Component(
        "page",
        "Pages",
        Target.HTTP,
        f"{origin}/",
        "The house's pages open in a browser.",
        depends_on=secure,
    )
    listening = Component(
        "listening",
        "Listening",
        Target.SPACE,
        origin,
        "Whatever is live is heard, without gaps and on time.",
        depends_on=("page", *secure),
    )
    api = Component(
        "api",
        "Planning and joining",
        Target.HTTP,
        f"{origin}/api/v1/spaces",
        "The desk answers: spaces are planned, found and joined.",
        depends_on=("page", *secure),
    )
    return (*([certificate] if settings.domain else []), page, listening, api)
