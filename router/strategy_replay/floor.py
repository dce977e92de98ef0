"""The simulated floor of a replay, from the command's words to its figures: who comes, who is at work, what becomes."""

from collections.abc import Callable
from pathlib import Path

from router.errors import ConfigurationError
from router.strategy_replay.floor_crew import AtWork, made_crew, needed, read_crew
from router.strategy_replay.floor_plan import Plans
from router.strategy_replay.floor_run import run_floor
from rules.city import City
from rules.replay.comparing import Compared
from rules.replay.history import Recorded
from rules.replay.report import Floor

ERLANG, REGISTER = "erlang", "register"
Read = Callable[[], AtWork]
"""Reads who was at work."""


class ReplayedFloor:
    """Collects contacts while they are decided about, then simulates both strategies."""

    def __init__(
        self, cities: tuple[City, City], folders: tuple[str, str], wanted: str, seed: int, present: Read | None = None
    ) -> None:
        self._cities, self._folders, self._wanted = cities, folders, wanted
        self._plans = Plans(cities[0], seed)
        self._present = present
        # A mistake in the crew is told before anything long begins.
        self._crew = self._given()

    def follow(self, contact: Recorded, compared: Compared) -> None:
        """A contact that was decided about."""
        self._plans.follow(contact, compared)

    def run(self, tell: Callable[[int, int], None]) -> Floor:
        """Both floors."""
        return run_floor(self._folders, self._cities, self._plans, self._crew or self._made(), tell)

    def _given(self) -> AtWork | None:
        """The crew of a file or of the register; None for one that is made for the history."""
        if self._wanted == REGISTER:
            if self._present is None:
                raise ConfigurationError("only with --register", field="--crew")
            return self._present()
        if self._wanted == ERLANG:
            return None
        if self._wanted.lstrip("-").isdecimal():
            if int(self._wanted) < 1:
                raise ConfigurationError("expected 1 agent or more", field="--crew")
            return None
        return read_crew(Path(self._wanted), self._cities[0])

    def _made(self) -> AtWork:
        both = (self._plans.before, self._plans.after)
        if self._wanted == ERLANG:
            return made_crew(max(1, needed(self._plans.before)), ERLANG, self._cities[0], both)
        return made_crew(int(self._wanted), "number", self._cities[0], both)
