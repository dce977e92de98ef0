"""Whether a scene went as it says: what was expected beside what was seen, in plain words. Pure.

Words that the scene wants exact (offers, exits and alarms, unless it says otherwise) must be seen in exactly this order
and no others; every other expectation must be found at its place among them.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import msgspec

from router.simulation.happenings import Happening
from router.simulation.moments import Clocks
from router.simulation.playing import Played, Standing
from router.simulation.scene import ZONE, Expected, Final, Scene

NOBODY = "nobody"


class Verdict(msgspec.Struct, frozen=True):
    """What came of one scene."""

    file: str
    title: str
    faults: tuple[str, ...]
    beside: tuple[tuple[str, str, bool], ...]
    """Expected, seen, and whether they are the same; of the words that must be exact."""
    seen: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        """Whether everything was as it should be."""
        return not self.faults


def judge(scene: Scene, played: Played) -> Verdict:
    """Compare what happened with what the scene says."""
    judge_ = _Judge(scene, played)
    return Verdict(
        file=scene.file,
        title=scene.title,
        faults=tuple(judge_.faults()),
        beside=tuple(judge_.beside()),
        seen=tuple(each.sentence(judge_.clocks) for each in played.happenings),
    )


class _Judge:
    def __init__(self, scene: Scene, played: Played) -> None:
        self.scene = scene
        self.played = played
        self.clocks = Clocks(ZONE)
        self.strict = [each for each in scene.expected if each.word in scene.exact]
        self.strictly_seen = [each for each in played.happenings if each.word in scene.exact]

    def faults(self) -> Iterator[str]:
        yield from self.played.problems
        for expected, seen in zip_longest(self.strict, self.strictly_seen):
            if expected is None or seen is None or not self._fits(expected, seen):
                yield self._first_difference(expected, seen)
                break
        yield from self._others()
        yield from self._never()
        yield from self._finals()

    def beside(self) -> Iterator[tuple[str, str, bool]]:
        """The two sequences, line by line."""
        for expected, seen in zip_longest(self.strict, self.strictly_seen):
            is_same = expected is not None and seen is not None and self._fits(expected, seen)
            yield (
                self._wish(expected) if expected else "",
                seen.sentence(self.clocks) if seen else "",
                is_same,
            )

    def _first_difference(self, expected: Expected | None, seen: Happening | None) -> str:
        if expected is None and seen is not None:
            return f"nobody expected: {seen.sentence(self.clocks)}"
        if seen is None and expected is not None:
            return f"{expected.place}: not seen: {self._wish(expected)}"
        return f"{expected.place if expected else ''}: expected {self._wish(expected)}, seen {self._said(seen)}"

    def _others(self) -> Iterator[str]:
        """Every expectation, exact or not, must be found at or after the moment of the one before."""
        since = 0
        taken: set[int] = set()
        for expected in self.scene.expected:
            found = next(
                (
                    (i, each)
                    for i, each in enumerate(self.played.happenings)
                    if i not in taken and each.at_ms >= since and self._fits(expected, each)
                ),
                None,
            )
            if found is None:
                if expected.word not in self.scene.exact:
                    yield f"{expected.place}: not seen in its order: {self._wish(expected)}{self._nearly(expected)}"
                continue
            taken.add(found[0])
            since = max(since, found[1].at_ms)

    def _nearly(self, expected: Expected) -> str:
        """What was seen instead of the same thing."""
        name = expected.cells[expected.word]
        like = [each for each in self.played.happenings if each.cells.get(expected.word) == name]
        return f"; seen was: {like[0].sentence(self.clocks)}" if like else ""

    def _never(self) -> Iterator[str]:
        for never in self.scene.never:
            seen = next((each for each in self.played.happenings if self._fits(never, each)), None)
            if seen is not None:
                yield f"{never.place}: must not happen, but did: {seen.sentence(self.clocks)}"

    def _finals(self) -> Iterator[str]:
        for final in self.scene.final:
            standings = self.played.contacts if final.contact else self.played.agents
            standing = standings.get(final.contact or final.agent, Standing("not arrived"))
            for what, wanted, seen in _compare(final, standing):
                if wanted != seen:
                    who = final.contact or final.agent
                    yield f"in the end, {who}: expected {what} {wanted}, seen {seen or NOBODY}"

    def _fits(self, expected: Expected, seen: Happening) -> bool:
        is_so = expected.word == seen.word and all(
            _is_meant(key, value, seen.cells.get(key, "")) for key, value in expected.cells.items()
        )
        return is_so and (not expected.at_ms or abs(seen.at_ms - expected.at_ms) <= expected.within_ms)

    def _wish(self, expected: Expected | None) -> str:
        if expected is None:
            return "nothing more"
        cells = "".join(f", {key} {value}" for key, value in expected.cells.items() if key != expected.word)
        at = f"{self.clocks.text(expected.at_ms)}  " if expected.at_ms else ""
        return f"{at}{expected.word} {expected.cells[expected.word]}{cells}"

    def _said(self, seen: Happening | None) -> str:
        return seen.sentence(self.clocks) if seen is not None else "nothing more"


def _is_meant(key: str, wanted: str, seen: str) -> bool:
    """A promised clock may be named with its weekday or without."""
    return seen == wanted or (key == "at_time" and seen[4:] == wanted)


def _compare(final: Final, standing: Standing) -> Iterator[tuple[str, object, object]]:
    if final.state:
        yield "state", final.state, standing.state
    if final.presence:
        yield "presence", final.presence, standing.state
    if final.held_by:
        yield "held by", "" if final.held_by == NOBODY else final.held_by, standing.held_by
    if final.queue:
        yield "queue", final.queue, standing.queue
    if final.draft is not None:
        yield "draft", final.draft, standing.draft
    if final.work is not None:
        yield "work in hand", final.work, standing.work


def table(lines: Sequence[tuple[str, str, bool]]) -> list[str]:
    """Two columns for people: expected on the left, seen on the right, a mark where they differ."""
    width = max([8, *(len(expected) for expected, _, _ in lines)])
    head = f"    {'expected':<{width}}  seen"
    return [head, *(f"  {' ' if is_same else '>'} {expected:<{width}}  {seen}" for expected, seen, is_same in lines)]
