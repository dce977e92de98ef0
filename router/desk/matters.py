"""How each matter ended, as the agent says it: checked against topics, causes and evidence."""

from router.desk.commands import NEEDS_EVIDENCE, MatterOutcome
from router.errors import UnknownOutcome, UnknownTopic
from router.journal import Outcome
from rules.city import City


def outcome_of(city: City, given: MatterOutcome, index: int, own_topic: str) -> Outcome:
    """One matter's outcome; its topic is the contact's own when none is given.

    Raises:
        UnknownTopic: the city has no such topic.
        UnknownOutcome: its cause or evidence is missing.
    """
    where = f"$.data.outcomes[{index}]"
    if given.topic and city.topics.get(given.topic) is None:
        raise UnknownTopic("not in the city's topics file", field=f"{where}.topic")
    if given.resolution == "unresolved" and not given.cause:
        raise UnknownOutcome("an unresolved matter needs a cause", field=f"{where}.cause")
    if given.resolution in NEEDS_EVIDENCE and not given.evidence:
        raise UnknownOutcome(f"needs {NEEDS_EVIDENCE[given.resolution]}", field=f"{where}.evidence")
    return Outcome(given.topic or own_topic, given.resolution, given.contact_reason, given.cause, given.evidence)
