"""The state machines, as tables: everything that may happen to a contact, leg, offer, agent, callback, handover, case.

Laws of this file: a state changes only by a row that stands here; an event without a row changes nothing; a state
without rows is final. The store's Lua is given its moves from these tables and holds none of its own.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from router.errors import TransitionRefused

Table = Mapping[str, Mapping[str, str]]
NEW = ""
"""The state of a thing that does not exist yet."""


def _table(rows: str) -> Table:
    """Read `state: event -> state, event -> state` lines; `new` is the state before the first, rows may be split."""
    table: dict[str, dict[str, str]] = {}
    for line in rows.strip().splitlines():
        state, _, moves = line.strip().partition(":")
        row = table.setdefault(NEW if state == "new" else state, {})
        row.update({event.strip(): to.strip() for event, _, to in (m.partition("->") for m in moves.split(",")) if to})
    return MappingProxyType({state: MappingProxyType(row) for state, row in table.items()})


CONTACT = _table("""
    new:         receive -> received
    received:    decide -> decided
    decided:     queue -> queued, hand_over -> handed_over, answer -> answered
    queued:      offer -> offered, pull -> with_agent, requeue -> queued, no_one_possible -> queued
    queued:      hand_over -> handed_over, answer -> answered, call_back -> callback, attach -> closed
    queued:      abandon -> abandoned, cancel -> cancelled
    offered:     accept -> with_agent, withdraw -> queued
    offered:     call_back -> callback, abandon -> abandoned, cancel -> cancelled
    with_agent:  park -> parked, release -> queued, transfer -> with_agent, hand_over -> handed_over
    with_agent:  call_back -> callback, close -> closed
    parked:      resume -> with_agent, release -> queued, hand_over -> handed_over, close -> closed, attach -> closed
    callback:    fall_due -> queued, supersede -> closed, give_up -> closed, attach -> closed, cancel -> cancelled
    handed_over: return -> queued, reopen -> queued, undo -> with_agent, close -> closed
    answered:    reopen -> queued, attach -> closed, close -> closed
    closed:      undo -> with_agent
    abandoned:
    cancelled:
""")

LEG = _table("""
    new:         connect -> connecting
    connecting:  connected -> connected, wrap_up -> wrapping_up, fail -> ended
    connected:   hold -> on_hold, interrupt -> interrupted, wrap_up -> wrapping_up, end -> ended
    on_hold:     resume -> connected, wrap_up -> wrapping_up, end -> ended
    interrupted: resume -> connected, wrap_up -> wrapping_up, end -> ended
    wrapping_up: extend -> wrapping_up, end -> ended
    ended:
""")

OFFER = _table("""
    new:          issue -> issued
    issued:       accept -> accepted, decline -> declined, expire -> expired, revoke -> revoked
    accepted:     fail_setup -> failed_setup
    declined:
    expired:
    revoked:
    failed_setup:
""")

PRESENCE = _table("""
    new:       go_offline -> offline, go_available -> available, go_away -> away
    offline:   go_available -> available, go_away -> away, go_offline -> offline
    available: go_available -> available, go_away -> away, drain -> draining, go_offline -> offline
    away:      go_available -> available, go_away -> away, drain -> draining, go_offline -> offline
    draining:  go_available -> available, go_away -> away, drain -> draining, go_offline -> offline
""")

LEASE = _table("""
    new:   take -> alive
    alive: take -> alive, lose -> lost
    lost:  take -> alive
""")

CALLBACK = _table("""
    new:        promise -> promised
    promised:   fall_due -> due, promise -> promised, supersede -> superseded, give_up -> given_up
    due:        dial -> dialling, promise -> promised, supersede -> superseded, give_up -> given_up
    dialling:   connect -> connected, not_answered -> no_answer, put_back -> due
    no_answer:  fall_due -> due, give_up -> given_up, supersede -> superseded
    connected:  keep -> kept
    kept:
    given_up:
    superseded:
""")

HANDOVER = _table("""
    new:      offer -> offered
    offered:  accept -> accepted, return -> returned, withdraw -> withdrawn, mark_overdue -> offered
    offered:  ring -> offered
    accepted: return -> returned, finish -> done, mark_overdue -> accepted
    returned:
    withdrawn:
    done:
""")

CLOSURE_NOTICE = _table("""
    new:       owe -> owed
    owed:      send -> sent, give_up -> given_up
    sent:      deliver -> delivered, fail -> failed
    failed:    owe -> owed, give_up -> given_up
    delivered:
    given_up:
""")

SENDING = _table("""
    new:       owe -> owed
    owed:      send -> sent, fail -> failed, put_off -> owed
    sent:      deliver -> delivered, fail -> failed
    failed:    deliver -> delivered
    delivered:
""")
"""Words on their way to a resident, by a channel that can not say at once that they arrived; a late success counts."""

CASE = _table("""
    new:       open -> new_case
    new_case:  start -> ongoing, suspend -> suspended, close -> closed
    ongoing:   suspend -> suspended, close -> closed
    suspended: resume -> ongoing, close -> closed
    closed:    reopen -> ongoing
""")

STRATEGY = _table("""
    new:         write -> draft, bring_in -> in_folder
    draft:       revise -> draft, find_faults -> draft, check -> checked, withdraw -> withdrawn
    checked:     check -> checked, find_faults -> draft, simulate -> simulated, withdraw -> withdrawn
    simulated:   check -> simulated, find_faults -> draft, simulate -> simulated
    simulated:   approve -> approved, refuse -> refused, withdraw -> withdrawn
    approved:
    in_folder:
    refused:
    withdrawn:
""")
"""A version until it is approved; kept by the register, which never moves it again afterwards."""

ACTIVATION = _table("""
    new:         activate -> active, withdraw -> withdrawn
    active:      activate -> active, supersede -> superseded, roll_back -> rolled_back, expire -> expired
    superseded:  reinstate -> active, activate -> active
    expired:     activate -> active
    rolled_back:
    withdrawn:
""")
"""An approved version in service; kept by the store, because it changes what the service does."""

MACHINES: Mapping[str, Table] = MappingProxyType(
    {
        "contact": CONTACT,
        "leg": LEG,
        "offer": OFFER,
        "presence": PRESENCE,
        "lease": LEASE,
        "callback": CALLBACK,
        "handover": HANDOVER,
        "closure_notice": CLOSURE_NOTICE,
        "sending": SENDING,
        "case": CASE,
        "strategy": STRATEGY,
        "activation": ACTIVATION,
    }
)

WAITING = frozenset({"received", "decided", "queued", "offered"})
"""Contact states in which the resident waits for somebody."""

OVER = frozenset({"closed", "abandoned", "cancelled"})
"""Contact states in which nobody waits for anything; a closed one may be undone for a few seconds."""


class Transition(NamedTuple):
    """One move of one machine; `rev` counts the moves of this thing, from 1."""

    machine: str
    id: str
    rev: int
    before: str
    event: str
    after: str


def advance(machine: str, state: str, event: str) -> str:
    """The state after `event`.

    Raises:
        TransitionRefused: the table has no such row.
    """
    try:
        return MACHINES[machine][state][event]
    except KeyError:
        raise TransitionRefused(machine=machine, state=state or "new", event=event) from None


def is_final(machine: str, state: str) -> bool:
    """Whether a thing in this state is over; closing may still be undone for a few seconds (`work.undo`)."""
    return not MACHINES[machine][state] or (machine == "contact" and state in OVER)


def moves(machine: str, event: str) -> Mapping[str, str]:
    """Every `before -> after` of one event, as the store's Lua gets them."""
    return {state: row[event] for state, row in MACHINES[machine].items() if event in row}


def mermaid(machine: str) -> str:
    """The machine as a mermaid state diagram, drawn from the table."""
    lines = ["stateDiagram-v2"]
    for state, row in MACHINES[machine].items():
        name = state or "[*]"
        lines += [f"    {name} --> {after}: {event}" for event, after in row.items()]
        if is_final(machine, state):
            lines.append(f"    {name} --> [*]")
    return "\n".join(lines)
