"""What an agent sees of a contact: content joined with state, masked where the decision says so."""

from collections.abc import Mapping
from typing import Any

import msgspec

from router.access import Earlier, shown_open
from router.capturing import shown_fields, shows_messages
from router.decisions import said_of
from router.effects import Suggestion
from router.fields_told import FieldsTold, unfold
from router.long_content import BlobStore
from router.model import OpenContact
from router.returning import KNOWN
from router.store.redis_store import Store
from rules.city import City
from rules.organisation import Referral
from rules.outcome import Decision
from rules.strategy import Capture

_suggestion = msgspec.json.Decoder(Suggestion)
_KEPT_WHEN_MASKED = frozenset({"channel", "topic", "severity", "subject", "text", "preferred_notice"})
_SAID = frozenset({"message", "note"})


class SideView(msgspec.Struct, frozen=True):
    """A leg beside the owner's: who takes part, or still wraps up."""

    leg_id: str
    agent_id: str
    role: str
    state: str
    until: int


class AttachedView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was said in a contact that is answered as one with this."""

    contact_id: str
    content: dict[str, object] = {}
    messages: tuple[dict[str, object], ...] = ()


class Card(msgspec.Struct, frozen=True, omit_defaults=True):
    """One contact as it is shown to the agent who is offered it or has it."""

    contact_id: str
    rev: int
    state: str
    channel: str
    medium: str
    received_at: int
    """Epoch ms."""
    queue: str = ""
    topic: str = ""
    person: str = ""
    """Pseudonymous person key."""
    identity: str = "none"
    protection: str = "none"
    is_masked: bool = False
    offer_id: str = ""
    expires_at: int = 0
    leg_id: str = ""
    leg_state: str = ""
    leg_until: int = 0
    suggestions: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    """Ways the strategy says may be offered to the resident, never imposed."""
    priority: str = ""
    demand: str = ""
    """What the contact seems to be: value, failure or unknown; the agent decides."""
    checklist: tuple[str, ...] = ()
    refer: tuple[Referral, ...] = ()
    """Who else is right for this, by name and number."""
    capture: Capture = Capture()
    """What must not be written down about the contact (`capture-forbidden`), and what may be all the same."""
    require_fields: tuple[str, ...] = ()
    """What a handover of this contact must know."""
    missing_fields: tuple[str, ...] = ()
    """What kept it from going to a unit by itself; the agent asks, and hands it over."""
    warm_transfer: str = ""
    """The unit to connect the resident to while the agent is still there."""
    warm_within_s: int = 0
    fallback: str = ""
    """Where to turn if that fails: a queue, a unit or 112."""
    suggested: Suggestion | None = None
    """Another place that the strategy means now; `suggestion.answer` agrees or refuses."""
    content: dict[str, object] = {}
    """What the resident said, and the channel's facts: the fields of InboundContact."""
    messages: tuple[dict[str, object], ...] = ()
    """What was said since, in order: `number`, `at` (epoch ms) and `note`, or `message`: of the resident a body, of an
    agent words, with the files they sent beside them in `attachments`."""
    draft: str = ""
    """Words that were not sent yet: they follow the work."""
    parked_until: int = 0
    """When parked work returns at the latest (epoch ms)."""
    sides: tuple[SideView, ...] = ()
    """Consults, supervisors and wrap-ups beside the owner's leg."""
    others: tuple[Earlier, ...] = ()
    """What else the person has open, never its content; nothing of who is not known."""
    attached: tuple[AttachedView, ...] = ()


class Cards:
    """Makes cards from the store's content."""

    def __init__(self, store: Store, blobs: BlobStore, city: City) -> None:
        self._store = store
        self._blobs = blobs
        self._city = city
        self.fields_told = FieldsTold(store, blobs)

    async def card(self, contact_id: str) -> Card | None:
        """The card of an open contact; None when it is not open any more."""
        contact, first, draft = await self._store.contact_with_content(contact_id)
        if contact is None:
            return None
        decision = said_of(contact)
        is_masked = bool(decision and decision.mask) or contact.protection != "none"
        return Card(
            contact_id=contact.id,
            rev=contact.rev,
            state=contact.state,
            channel=contact.channel,
            medium=contact.medium,
            received_at=contact.received_at,
            queue=contact.queue,
            topic=contact.topic,
            person=contact.person,
            identity=contact.identity,
            protection=contact.protection,
            is_masked=is_masked,
            offer_id=contact.offer if contact.state == "offered" else "",
            expires_at=contact.expires_at if contact.state == "offered" else 0,
            leg_id=contact.leg if contact.state == "with_agent" else "",
            leg_state=contact.leg_state if contact.state == "with_agent" else "",
            leg_until=contact.leg_until if contact.leg_state == "wrapping_up" else 0,
            suggestions=decision.suggestions if decision else (),
            offers=decision.offers if decision else (),
            suggested=_suggestion.decode(contact.suggested) if contact.suggested else None,
            content=await self._first(first or b"{}", decision, is_masked=is_masked),
            messages=await self._messages(contact, decision),
            draft=draft,
            parked_until=contact.parked_until if contact.state == "parked" else 0,
            sides=await self._sides(contact_id) if contact.legs > (contact.state == "with_agent") else (),
            others=await self._others(contact) if contact.person and contact.identity in KNOWN else (),
            attached=await self._attached(contact, decision, is_masked=is_masked) if contact.has_attached else (),
            **self._advice(decision),
        )

    def _advice(self, decision: Decision | None) -> dict[str, Any]:
        """What the strategy tells the agent besides what it suggests."""
        if decision is None:
            return {}
        referrals = self._city.referrals
        return {
            "priority": decision.priority,
            "demand": decision.demand,
            "checklist": decision.checklist,
            "refer": tuple(referrals[each] for each in decision.refer if each in referrals),
            "capture": decision.capture,
            "require_fields": decision.require_fields,
            "missing_fields": decision.missing_fields,
            "warm_transfer": decision.warm_transfer,
            "warm_within_s": decision.warm_within_s,
            "fallback": decision.fallback,
        }

    async def _messages(self, contact: OpenContact, decision: Decision | None) -> tuple[dict[str, object], ...]:
        """What was said after the first words, where the decision lets it be seen."""
        if contact.contents <= 1 or not shows_messages(decision):
            return ()
        return await self._said(await self._store.content(contact.id))

    async def is_guarded(self, contact_id: str) -> bool:
        """Whether not everybody may see the contact, or it is not open any more."""
        contact = await self._store.contact(contact_id)
        return contact is None or contact.restricted == 1 or contact.protection != "none"

    async def _others(self, contact: OpenContact) -> tuple[Earlier, ...]:
        found = await self._store.open_contacts_of(contact.person, but=contact.id)
        seen = (shown_open(other, contact, self._city) for other in found)
        return tuple(each for each in seen if each is not None)

    async def _attached(
        self, contact: OpenContact, decision: Decision | None, *, is_masked: bool
    ) -> tuple[AttachedView, ...]:
        found = await self._store.attached_content(contact.id)
        has_messages = shows_messages(decision)
        return tuple(
            [
                AttachedView(
                    other,
                    await self._first(records.get(1, b"{}"), decision, is_masked=is_masked),
                    await self._said(records) if has_messages else (),
                )
                for other, records in sorted(found.items())
            ]
        )

    async def _first(self, record: bytes, decision: Decision | None, *, is_masked: bool) -> dict[str, object]:
        """The fields of a first record, without those that nobody may see."""
        content = shown_fields(decision, await self.unfold(record))
        return {key: value for key, value in content.items() if key in _KEPT_WHEN_MASKED} if is_masked else content

    async def _sides(self, contact_id: str) -> tuple[SideView, ...]:
        sides = await self._store.sides(contact_id)
        return tuple(
            SideView(leg, side.agent, side.role, side.state, side.until) for leg, side in sorted(sides.items())
        )

    async def words(self, contact_id: str, number: int) -> dict[str, object] | None:
        """One content record: what was said under this number."""
        found = (await self._store.content(contact_id)).get(number)
        return None if found is None else {"number": number, **await self.unfold(found)}

    async def _said(self, records: Mapping[int, bytes]) -> tuple[dict[str, object], ...]:
        """Every word after the first; what else was learnt of the person is no part of the conversation."""
        said = [(number, await self.unfold(record)) for number, record in sorted(records.items()) if number > 1]
        return tuple({"number": number, **fields} for number, fields in said if not _SAID.isdisjoint(fields))

    async def unfold(self, record: bytes) -> dict[str, object]:
        """A content record's fields; a long one is read from the blobs."""
        return await unfold(self._blobs, record)
