"""Which address and which prefix a source counts as: budgets are kept for both."""

from typing import Final

GROUPS: Final = 8
"""An IPv6 address has eight groups of 16 bits (RFC 4291, section 2.2)."""

SUBNET_GROUPS: Final = 4
"""A /64: what one home, one phone or one machine is given; it can use any address in it."""

SITE_GROUPS: Final = 3
"""A /48: what one site or one customer of a hoster is given (RFC 6177)."""


def address_and_prefix(source: str) -> tuple[str, str]:
    """The address and the wider prefix of `source`, as words that are equal when these are.

    IPv4: the address itself and its /24. IPv6: its /64, because whoever has one address of a /64
    has them all, and its /48. What is neither counts as one address of its own.
    """
    if ":" not in source:
        return source, source.rpartition(".")[0] or source
    plain = source.partition("%")[0]
    head, gap, tail = plain.partition("::")
    if "." in tail:  # an IPv4 address that came through an IPv6 socket (RFC 4291, section 2.5.5.2)
        mapped = tail.rpartition(":")[2]
        return mapped, mapped.rpartition(".")[0]
    groups = [group.lstrip("0") or "0" for group in head.lower().split(":") if group]
    if gap:
        after = tail.lower().split(":") if tail else []
        groups += ["0"] * (GROUPS - len(groups) - len(after))
        groups += [group.lstrip("0") or "0" for group in after]
    return ":".join(groups[:SUBNET_GROUPS]) + "::", ":".join(groups[:SITE_GROUPS]) + "::"
