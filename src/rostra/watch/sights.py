"""What the watch sees of one component at one moment, and whether it is a sign of trouble."""

import msgspec

from rostra.watch.board import Attribution, Level, ProbesView
from rostra.watch.components import Component


class Sight(msgspec.Struct, frozen=True):
    """One component, its reports and its probes.

    `listening` is how many listen now and `listening_usual` how many did on average over the last
    day; -1 and 0 where nobody tells.
    """

    component: Component
    level: Level = Level()
    probes: ProbesView = ProbesView()
    listening: int = -1
    listening_usual: float = 0.0
    worked_on: bool = False
    """Announced work is under way: no automatic incident, reports are shown all the same."""
    attribution: Attribution = Attribution()

    @property
    def id(self) -> str:
        """The component's id."""
        return self.component.id

    @property
    def places_agree(self) -> bool:
        """Two places or more find that it fails."""
        return self.probes.state == "failing" and not self.probes.one_place

    @property
    def fails(self) -> bool:
        """The probes find that it fails, be it from one place only."""
        return self.probes.state == "failing"

    @property
    def rises(self) -> bool:
        """Its reports are above the usual level."""
        return self.level.state in {"unusual", "alarm"}

    @property
    def signs_utc_us(self) -> tuple[int, ...]:
        """When each sign that may open an incident began; none while it is calm."""
        alarm = (self.level.since_utc_us,) if self.level.state == "alarm" else ()
        return (*alarm, self.probes.since_utc_us) if self.fails else alarm

    def calm(self, *, after_failing: bool) -> bool:
        """Whether reports and probes show nothing.

        Probes that cannot tell prove no calm after they have failed (`after_failing`).
        """
        if self.level.state != "quiet":
            return False
        return self.probes.state in {"ok", "none"} or (
            self.probes.state == "unknown" and not after_failing
        )
