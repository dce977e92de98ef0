"""Findings: what may be found, how grave it is, and the contact that shows it."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from rules.cases import Difference
from rules.strategy import FactValue
from rules.words import Argument

Level = Literal["error", "warning"]
CODES: Mapping[str, Level] = {
    "not_loaded": "error",
    "case_failed": "error",
    "no_case": "warning",
    "case_proves_nothing": "warning",
    "case_repeated": "warning",
    "case_without_medium": "warning",
    "unreachable_rule": "error",
    "shadowed_rule": "error",
    "unreachable_row": "warning",
    "shadowed_row": "warning",
    "equal_stops": "error",
    "conflicting_ways": "warning",
    "conflicting_teams": "warning",
    "conflicting_transfers": "warning",
    "law_stands": "error",
    "never_holds": "warning",
    "unknown_word": "error",
    "no_such_figure": "error",
    "stop_above_start": "error",
    "hits_on_nothing": "error",
    "known_too_late": "error",
    "topic_without_rule": "warning",
    "topic_without_mandate": "warning",
    "uncovered_hour": "error",
    "closed_without_fallback": "error",
    "medium_not_taken": "error",
    "skill_nobody_has": "error",
    "skill_after_widening": "warning",
    "no_agreement": "warning",
    "agreement_expired": "error",
    "agreement_not_yet": "error",
    "agreement_ends": "warning",
    "open_notice": "error",
    "notice_to_protected": "error",
    "limits_share_nothing": "warning",
    "self_service_alone": "error",
    "queue_never_named": "warning",
    "unit_never_named": "warning",
    "skill_never_named": "warning",
    "calendar_never_named": "warning",
    "team_never_named": "warning",
    "referral_never_named": "warning",
    "agreement_never_named": "warning",
}
"""Every code with its level: errors must be mended before the strategy is used, warnings are for people to judge."""


class Example(msgspec.Struct, frozen=True, omit_defaults=True):
    """A contact: its facts, and the local time that the calendars are read at."""

    facts: dict[str, FactValue] = {}
    at: str = ""


class Found(msgspec.Struct, frozen=True):
    """One thing to mend or to judge, not yet in words."""

    code: str
    rule: str = ""
    arguments: dict[str, Argument] = {}
    example: Example | None = None
    differences: tuple[Difference, ...] = ()
    """What a case that fails states otherwise."""

    @property
    def level(self) -> Level:
        """Whether it must be mended."""
        return CODES[self.code]
