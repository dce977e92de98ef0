"""How a contact stands, in the few words that residents and other systems are told. Pure.

Owns the one reading of states that every public page shares; knows no language.
"""

from typing import Literal

from channels.public_state import PublicState

PublicStatus = Literal["received", "known", "looked_into", "with_unit", "in_progress", "done", "not_ours", "no_action"]
OVER = frozenset({"closed", "abandoned", "cancelled"})
_NO_NEWS = frozenset({"received", "looked_into", "with_unit"})
_NO_ACTION = frozenset({"unresolved", "spam", "misdialled", "line_lost", "asked_to_return", "uncoded"})


def is_over(state: PublicState) -> bool:
    """Whether nothing more will happen by itself."""
    return state.state in OVER


def status_of(state: PublicState) -> PublicStatus:
    """The one word for it; who follows another report hears of that one what is news, not on whose desk it lies."""
    word = _word(state)
    return "known" if state.follows and word in _NO_NEWS else word


def _word(state: PublicState) -> PublicStatus:
    if state.state in {"abandoned", "cancelled"}:
        return "no_action"
    if state.state == "closed":
        return _ended(state)
    if state.state == "answered":
        return "known"
    if state.state == "handed_over":
        return "in_progress" if state.handover in {"accepted", "done"} else "with_unit"
    return "looked_into" if state.state in {"with_agent", "parked", "callback"} else "received"


def _ended(state: PublicState) -> PublicStatus:
    if state.handover == "done":
        return "done"
    if "referred_external" in state.resolutions:
        return "not_ours"
    ended = set(state.resolutions)
    return "no_action" if ended and ended <= _NO_ACTION else "done"
