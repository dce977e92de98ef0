"""Facts: everything a rule may ask about, what kind it is, who supplies it, and one line that says what it means.

Owns the names and the closed lists of words. A fact that nobody supplies is unknown, which is not false.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

FactValue = str | int | bool | None
"""What a fact may be; None (or a missing key) means unknown, which is not false."""

FactKind = Literal["code", "number", "switch", "flags"]
Source = Literal["intake", "person", "place", "floor", "agent", "integration", "topic", "handover"]
"""Who supplies a fact: the channel's event, the register's memory of the person, the map, the figures of the floor,
the agent in the conversation, another system by the event's `fields`, the topic's entry, the handover."""

UNKNOWN = "unknown"
CALENDAR = "calendar"
OWNER, PLACE_UNIT = "owner", "place_unit"


class Fact(NamedTuple):
    """One fact that a rule may ask about."""

    kind: FactKind
    source: Source
    says: str


FACT_BOOK: Mapping[str, Fact] = {
    "point": Fact("code", "intake", "the moment of the decision: received, topic_set, fact_changed, waited and so on"),
    "channel": Fact("code", "intake", "the channel it came by, such as phone, chat, email, web"),
    "medium": Fact("code", "intake", "what kind of conversation it is: voice, messaging, written, in_person"),
    "topic": Fact("code", "intake", "what it is about: a code of topics.toml, or a group such as GAT.*"),
    "topic_flag": Fact("flags", "topic", "what the topic is marked with in topics.toml, such as secret or fault"),
    "topic_confidence": Fact("number", "intake", "how sure the topic is, 0 to 100; 100 when somebody has named it"),
    "severity": Fact("code", "intake", "how dangerous it is: life, then P1 to P4"),
    "identity": Fact("code", "person", "how sure we are of who it is: verified, likely, shared, none"),
    "loa": Fact("number", "person", "level of assurance of the e-identification, 0 to 4"),
    "protection": Fact("code", "person", "protected personal data: none, marked, protected_registration and so on"),
    "language": Fact("code", "person", "the language of the conversation, such as sv, fi, en"),
    "repeats_7d": Fact("number", "person", "earlier contacts of this person in 7 days, about anything"),
    "repeats_30d": Fact("number", "person", "earlier contacts of this person in 30 days, about anything"),
    "repeats_topic_7d": Fact("number", "person", "earlier contacts of this person about this topic in 7 days"),
    "repeats_topic_30d": Fact("number", "person", "earlier contacts of this person about this topic in 30 days"),
    "open_promise": Fact("switch", "person", "a unit has promised this person something that is not done"),
    "attachments": Fact("number", "intake", "how many files came with it"),
    "scan": Fact("code", "integration", "what the scan of the files said: clean, infected, unknown_type"),
    "sensitive_detected": Fact("switch", "intake", "the words seem to carry a concern report or another secret"),
    "queue_wait_s": Fact("number", "floor", "estimated wait of the default queue, in seconds"),
    "queue_abandon_pct": Fact("number", "floor", "percent who gave up waiting there in the last 15 minutes"),
    "business": Fact("switch", "integration", "a company or an association asks"),
    "anonymous": Fact("switch", "intake", "the person does not want to say who they are"),
    "authority": Fact("code", "intake", "the board or company that the contact was addressed to"),
    "automatic": Fact("switch", "integration", "a machine wrote it: an automatic reply, a bounce, a loop"),
    "has_location": Fact("switch", "intake", "a place came with it"),
    "owner": Fact("code", "place", "who owns the place: a unit's id, or the name of another owner"),
    "place_unit": Fact("code", "place", "the unit that looks after the place: owner_of_place means it"),
    "district": Fact("code", "place", "the district of the place"),
    "maintenance_area": Fact("code", "place", "the maintenance area of the place"),
    "road_authority": Fact("code", "place", "who is responsible for the road at the place"),
    "similar_open": Fact("number", "place", "open contacts about the same topic within 50 metres and 14 days"),
    "disturbance": Fact("switch", "place", "the place lies in a known disturbance"),
    "crisis": Fact("switch", "floor", "crisis mode is on"),
    "declared_need": Fact("code", "agent", "a need the person has told of, such as hearing, sight, vulnerable"),
    "no_digital": Fact("switch", "agent", "the person can't, or does not want to, use digital services"),
    "preference": Fact("code", "agent", "the channel the person wants the answer by"),
    "declined_channel": Fact("code", "agent", "a channel the person does not want to be reached by"),
    "campaign": Fact("code", "integration", "the campaign window the contact belongs to, such as skolstart"),
    "party_related": Fact("switch", "agent", "the agent is a party to the matter, or related to one"),
    "threat": Fact("switch", "agent", "somebody of the staff is threatened"),
    "wants_human": Fact("switch", "integration", "the person has asked the bot for a human"),
    "bot_failed": Fact("switch", "integration", "the bot has not understood twice"),
    "public_post": Fact("switch", "integration", "it was written where everybody can read it"),
    "person_available": Fact("switch", "integration", "the employee asked for can take the contact now"),
    "promise_kept": Fact("switch", "integration", "the matter is where it was promised to be by now"),
    "handover_overdue": Fact("number", "handover", "how many times its handover has missed a promised time"),
}
"""Every fact that the rule of a contact may ask about; calendars are facts named `calendar.<id>`."""

FLOOR_FACT_BOOK: Mapping[str, Fact] = {
    "queue": Fact("code", "floor", "the queue's id"),
    "wait_estimate_s": Fact("number", "floor", "estimated wait for live contacts of the queue, in seconds"),
    "abandon_15m_pct": Fact("number", "floor", "percent of its live contacts that gave up in the last 15 minutes"),
    "waiting": Fact("number", "floor", "live contacts waiting in it"),
    "oldest_wait_s": Fact("number", "floor", "how long the first of them has waited, in seconds"),
    "no_one_possible": Fact("number", "floor", "contacts in it that nobody logged in can ever take"),
    "idle_agents": Fact("number", "floor", "agents with nothing in hand who could take its live contacts"),
    "crisis": Fact("switch", "floor", "crisis mode is on"),
}
"""Every fact that a floor rule may ask about, for one queue at a time; calendars too."""

HANDOVER_FACT_BOOK: Mapping[str, Fact] = {
    "overdue": Fact("number", "handover", "how many times it has missed a promised time"),
    "topic": Fact("code", "handover", "what it is about"),
    "unit": Fact("code", "handover", "the unit that has it"),
}
"""Every fact that a handover rule may ask about."""

FACTS: dict[str, FactKind] = {name: fact.kind for name, fact in FACT_BOOK.items()}
FLOOR_FACTS: dict[str, FactKind] = {name: fact.kind for name, fact in FLOOR_FACT_BOOK.items()}
HANDOVER_FACTS: dict[str, FactKind] = {name: fact.kind for name, fact in HANDOVER_FACT_BOOK.items()}

_WAYS_TO_ANSWER = frozenset({"phone", "sms", "email", "letter", "digital_mailbox", "chat", "visit"})

WORDS: dict[str, frozenset[str]] = {
    "point": frozenset({"received", "topic_set", "fact_changed", "waited", "queue_closing", "returned", "resumed"}),
    "medium": frozenset({"voice", "messaging", "written", "in_person"}),
    "severity": frozenset({"life", "P1", "P2", "P3", "P4"}),
    "identity": frozenset({"verified", "likely", "shared", "none"}),
    "protection": frozenset({"none", "marked", "protected_registration", "assumed_identity"}),
    "topic_flag": frozenset({"p1_possible", "secret", "needs_id", "fault", "concern", "company"}),
    "scan": frozenset({"clean", "infected", "unknown_type"}),
    "declared_need": frozenset({"hearing", "speech", "sight", "cognitive", "vulnerable", "child_alone"}),
    "preference": _WAYS_TO_ANSWER,
    "declined_channel": _WAYS_TO_ANSWER,
    CALENDAR: frozenset({"open", "closed"}),
}
"""Facts whose values are a closed list: another word in a cell is a mistake."""

MOST: Mapping[str, int] = {"loa": 4, "topic_confidence": 100, "queue_abandon_pct": 100}
"""Numbers that are never greater."""

SAID_BY_OTHERS: frozenset[str] = frozenset(
    name for name, fact in FACT_BOOK.items() if fact.source in {"agent", "integration"}
)
"""Facts that come with an event's `fields`, or that an agent finds out during a conversation."""


def closed_words(fact: str) -> frozenset[str]:
    """The only words this fact may be; empty when any word is possible."""
    return WORDS.get(fact.partition(".")[0], frozenset())


def fits(fact: str, value: object) -> bool:
    """Whether the value is of the fact's kind and, for a closed list, one of its words."""
    match "code" if fact.startswith(CALENDAR + ".") else FACTS.get(fact):
        case "code":
            return isinstance(value, str) and value != "" and value in (closed_words(fact) or {value})
        case "number":
            return isinstance(value, int) and not isinstance(value, bool)
        case "switch":
            return isinstance(value, bool)
        case _:
            return False
