"""One outcome row per matter: what a contact's commands make of its matters, clicked or computed.

- New outcomes supersede what was only computed (`automatic`, `uncoded`), a handover that was returned, and what was
  said about the same topics before.
- `amend_outcome` replaces everything but what others decide: a handover that is not returned, a call that went on
  outside, what another contact was answered with. An agent can't amend those away.
- A contact handed over, answered or closed without a word about it still gets its row.
- A handed-over matter counts as `registered_complete` from its receiver's acceptance, if the agreement has that
  criterion, until it is returned. What the unit reports at the end is the unit's and changes nothing here.
"""

from router.journal import Entry, Outcome
from router.register.rows import ContactRow, HandoverRow, OutcomeRow
from router.register.working import WorkingSet

COMPUTED = frozenset({"automatic", "uncoded", "follower", "transferred"})
FOLLOWING = frozenset({"contact.attach", "contact.supersede"})
"""Events by which a contact's matters go on in another contact."""
HANDED_OVER, COMPLETE = "handed_over", "registered_complete"
DECIDED_BY_OTHERS = frozenset({"transferred", "follower"})
"""Computed outcomes that no amendment takes away."""


def settle(work: WorkingSet, entry: Entry, contact: ContactRow, happened: set[str]) -> None:
    """Bring a contact's outcome rows in line with one entry; `happened` are its contact and handover events."""
    if "contact.undo" in happened:
        _write(work, contact, [])
        return
    given = () if "handover.finish" in happened else entry.data.outcomes
    new = [_clicked(work, entry, contact, outcome) for outcome in given]
    if "contact.hand_over" in happened and not any(row.resolution in {HANDED_OVER, COMPLETE} for row in new):
        terms = entry.data.terms
        new.append(_handed_over(work, entry, contact, terms.topic if terms and terms.topic else contact.topic))
    if "contact.answer" in happened and not new:
        new.append(_row(entry, contact, contact.topic, "automatic"))
    if happened & FOLLOWING and not new:
        new.append(_row(entry, contact, contact.topic, "follower"))
    if "contact.close" in happened and not new and not contact.matters:
        new.append(_row(entry, contact, contact.topic, "uncoded"))
    if new:
        old = work.outcomes.get(contact.id, [])
        _write(work, contact, _amended(old, new) if entry.command == "amend_outcome" else _merged(old, new))


def handed_over_moved(work: WorkingSet, handover: HandoverRow, event: str) -> None:
    """Let a handover's acceptance or return decide what its matters count as."""
    for row in work.outcomes.get(handover.contact, []):
        if row.handover == handover.id:
            work.contact(handover.contact)  # what it counted for so far must be noted before the row changes
            row.resolution = resolution_of(handover)
            row.is_returned = event == "return"
            work.new_outcomes.add(handover.contact)


def resolution_of(handover: HandoverRow | None) -> str:
    """What a matter handed over by this handover counts as now."""
    if handover and handover.state in {"accepted", "done"} and handover.criterion.lower() == COMPLETE:
        return COMPLETE
    return HANDED_OVER


def _merged(old: list[OutcomeRow], new: list[OutcomeRow]) -> list[OutcomeRow]:
    topics = {row.topic for row in new}
    kept = [row for row in old if row.resolution not in COMPUTED and not row.is_returned and row.topic not in topics]
    return kept + new


def _amended(old: list[OutcomeRow], new: list[OutcomeRow]) -> list[OutcomeRow]:
    again = {row.handover for row in new if row.handover}
    kept = [
        row
        for row in old
        if row.resolution in DECIDED_BY_OTHERS or (row.handover and not row.is_returned and row.handover not in again)
    ]
    return kept + new


def _write(work: WorkingSet, contact: ContactRow, rows: list[OutcomeRow]) -> None:
    for number, row in enumerate(rows, 1):
        row.number = number
    work.outcomes[contact.id] = rows
    work.new_outcomes.add(contact.id)
    work.contact(contact.id).matters = len(rows)


def _clicked(work: WorkingSet, entry: Entry, contact: ContactRow, outcome: Outcome) -> OutcomeRow:
    if outcome.resolution in {HANDED_OVER, COMPLETE}:
        row = _handed_over(work, entry, contact, outcome.topic)
    else:
        row = _row(entry, contact, outcome.topic, outcome.resolution)
    row.clicked = "" if outcome.resolution in COMPUTED else outcome.resolution
    row.contact_reason, row.cause, row.evidence = outcome.contact_reason, outcome.cause, outcome.evidence
    return row


def _handed_over(work: WorkingSet, entry: Entry, contact: ContactRow, topic: str) -> OutcomeRow:
    handover = work.handovers.rows.get(contact.handover)
    row = _row(entry, contact, topic, resolution_of(handover))
    row.handover = contact.handover
    row.is_returned = handover is not None and handover.state == "returned"
    return row


def _row(entry: Entry, contact: ContactRow, topic: str, resolution: str) -> OutcomeRow:
    return OutcomeRow(contact.id, 0, topic, resolution, agent=entry.data.agent, at=entry.at)
