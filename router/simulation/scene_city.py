"""The small city of a scene, as the files that a real city has: what the scene says of queues, units, skills, topics.

Whoever plays the scene loads these files as any other city's, so the same strategy decides in memory and in a router.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import msgspec

from router.demo.fast_city import emit
from router.simulation.moments import DAYS, length_ms
from router.simulation.scene import ZONE, Event, QueueTable, Scene, Step, TopicTable, UnitTable
from router.simulation.verbs import ARRIVING
from rules.tables import Place

Document = dict[str, object]
ALWAYS = "always"
UNIT_PHONE, OTHER_PHONE = "+46701740699", "+46701740698"
"""Numbers of the series that nobody has."""


def write_scene_city(scene: Scene, folder: Path) -> Path:
    """Write the files.

    Raises:
        StrategyError: hours that nobody can read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, Document] = {
        "city": {"city": {"name": "Scenby", "tz": ZONE}, "team": _teams(scene), "phone_book": _numbers(scene)},
        "topics": {"topic": [_topic(code) for code, _ in topics(scene)]},
        "skills": {"skill": _skills(scene)},
        "calendars": {"calendar": _calendars(scene)},
        "units": {"unit": _units(scene)},
        "queues": {"queue": [_queue(each) for each in scene.queues]},
        "agreements": {"agreement": _agreements(scene)},
        "strategy": {
            "meta": {"version": "scene", "default_queue": scene.queues[0].id},
            "rule": [_rule(scene, code, topic) for code, topic in topics(scene)],
        },
    }
    for name, document in files.items():
        plain = cast("Document", msgspec.to_builtins(document))
        (folder / f"{name}.toml").write_text(emit(plain), encoding="utf-8")
    return folder


def topics(scene: Scene) -> Iterator[tuple[str, TopicTable]]:
    """Topic code and what contacts about it ask for: the scene's own, then one for each contact without."""
    for topic in scene.topics:
        yield topic_code(scene, topic.id), topic
    for event in scene.events:
        if event.verb == "arrives" and "topic" not in event.cells:
            yield topic_code(scene, event.who), _as_topic(event)
    yield "NONE.OTHER", TopicTable("other")


def topic_code(scene: Scene, name: str) -> str:
    """The code of a topic of the scene, or of a contact that has its own."""
    named = [topic.id for topic in scene.topics]
    if name in named:
        return f"TOPIC.{named.index(name)}"
    own = [event.who for event in scene.events if event.verb == "arrives"]
    return f"CONTACT.{own.index(name)}"


def _as_topic(event: Event) -> TopicTable:
    asked = {key: value for key, value in event.cells.items() if key in {*ARRIVING} & {*_TOPIC_CELLS}}
    lengths = {key: f"{value}ms" for key, value in asked.items() if key in {"ahead", "target", "prefer_last"}}
    return TopicTable(event.who, **{**asked, **lengths})  # pyright: ignore[reportArgumentType] # checked when it was read


_TOPIC_CELLS = tuple(field.name for field in msgspec.structs.fields(TopicTable))


def _rule(scene: Scene, code: str, topic: TopicTable) -> Document:
    says: Document = {"route": [_step(step) for step in topic.route], "require": topic.needs, "keep": topic.keep}
    if topic.handed_to:
        says["hand_over"] = {"unit": topic.handed_to, "reason": "scene"}
    else:
        says["queue"] = topic.queue or scene.queues[0].id
    says |= {"emergency": topic.emergency, "restricted": topic.restricted, "mask": topic.restricted}
    says |= {"head_start_s": _seconds(topic.ahead), "target_s": _seconds(topic.target)}
    says["prefer_last_s"] = _seconds(topic.prefer_last)
    # A rule leaves out what it does not say: nothing empty, nothing that is not so; a step likewise.
    said = {name: value for name, value in says.items() if value}
    return {"id": code, "tier": "C", "title": topic.id, "when": [{"topic": code}], "then": said}


def _step(step: Step) -> Document:
    says = {"level": step.level, "drop": step.drop, "teams": step.teams, "exit": step.exit, "unit": step.unit}
    return {"at_s": _seconds(step.after), **{name: value for name, value in says.items() if value}}


def _topic(code: str) -> Document:
    return {"code": code, "sv": code, "en": code, "unit": "department"}


def _queue(queue: QueueTable) -> Document:
    return {
        "id": queue.id,
        "name_sv": queue.id,
        "media": queue.media,
        "calendar": _hours_id("queue", queue.id),
        "flow": queue.flow,
        "target_s": _seconds(queue.target),
        "offer_timeout_s": {medium: _seconds(text) for medium, text in queue.answer_within.items()},
        "wrap_up_s": _seconds(queue.wrap_up),
        "decline_cool_down_s": _seconds(queue.cool_down),
        "reserve": queue.reserve,
        "require": queue.require,
        "max_wait_s": _seconds(queue.max_wait),
        "closing": {
            "entry_stops_s": _seconds(queue.entry_stops),
            "serve_until_s": _seconds(queue.serve_until),
            "answers_late": queue.answers_late,
        },
        "overflow": [
            {"after_s": _seconds(each.after), "queue": each.queue, "agreement": f"help-{each.queue}"}
            for each in queue.overflow
        ],
        "exceptions": [
            {"date": each.date, "name": each.name or each.date, "open": each.hours} for each in queue.other_hours
        ],
        "exits": queue.exits,
        "exit_s": {medium: _seconds(text) for medium, text in queue.exit_after.items()},
        "teams": queue.teams,
        "restricted": queue.restricted,
    }


def _units(scene: Scene) -> list[Document]:
    return [*(_unit(each) for each in scene.units), _unit(UnitTable("department", hours=ALWAYS))]


def _unit(unit: UnitTable) -> Document:
    calendar = ALWAYS if unit.hours == ALWAYS else _hours_id("unit", unit.id)
    phone: Document = {"phone": UNIT_PHONE} if unit.phone else {}
    return {"id": unit.id, "name_sv": unit.id, "kind": "department", "calendar": calendar, **phone}


def _agreements(scene: Scene) -> list[Document]:
    helping: list[Document] = [
        _agreement(f"help-{helper.queue}", ["NONE.OTHER"], UnitTable("department"))
        for helper in {helper.queue: helper for queue in scene.queues for helper in queue.overflow}.values()
    ]
    return [*helping, *(_agreement(f"with-{unit.id}", ["*"], unit) for unit in scene.units)]


def _agreement(name: str, about: list[str], unit: UnitTable) -> Document:
    return {
        "id": name,
        "topics": about,
        "unit": unit.id,
        "accept_s": _seconds(unit.accept_within),
        "contact_s": _seconds(unit.finish_within),
        "finish_s": _seconds(unit.finish_within),
    }


def _skills(scene: Scene) -> list[Document]:
    restricted = {skill.id for skill in scene.skills if skill.restricted}
    named = [*(agent.skills for agent in scene.agents), *(queue.require for queue in scene.queues)]
    named += [topic.needs for _, topic in topics(scene)]
    named += [cast("dict[str, int]", event.cells["skills"]) for event in scene.events if "skills" in event.cells]
    every = sorted({skill for skills in named for skill in skills} | {skill.id for skill in scene.skills})
    return [{"id": skill, "name_sv": skill, "restricted": skill in restricted} for skill in every]


def _teams(scene: Scene) -> list[Document]:
    steps = [step.teams for _, topic in topics(scene) for step in topic.route]
    named = [*(agent.teams for agent in scene.agents), *(queue.teams for queue in scene.queues), *steps]
    return [{"id": team, "name_sv": team} for team in sorted({team for teams in named for team in teams})]


def _numbers(scene: Scene) -> list[Document]:
    named = sorted({str(event.cells["to_number"]) for event in scene.events if "to_number" in event.cells})
    return [{"id": name, "name_sv": name, "number": OTHER_PHONE} for name in named]


# Hours -------------------------------------------------------------------------------------------------------------


def _calendars(scene: Scene) -> list[Document]:
    hours = [(_hours_id("queue", queue.id), queue.hours, f"queue {queue.id}") for queue in scene.queues]
    hours += [(_hours_id("unit", unit.id), unit.hours, f"unit {unit.id}") for unit in scene.units]
    hours.append((ALWAYS, ALWAYS, ""))
    return [
        {
            "id": name,
            "name_sv": name,
            "weekly": _weekly(text, Place(scene.file, table)),
            "holidays": "weekday" if text == ALWAYS else "closed",
        }
        for name, text, table in hours
    ]


def _hours_id(kind: str, name: str) -> str:
    return f"{kind}-{name}"


def _weekly(text: str, place: Place) -> dict[str, list[str]]:
    """`mon-fri 08:00-17:00; sat 10:00-14:00` as a calendar has it."""
    if text == ALWAYS:
        return {day: ["00:00-24:00"] for day in DAYS}
    found: dict[str, list[str]] = {}
    for part in text.split(";"):
        days, _, spans = part.strip().partition(" ")
        first, _, last = days.partition("-")
        for day in (first, last or first):
            place.check("hours", "days such as mon-fri", day, DAYS)
        at, end = DAYS.index(first), DAYS.index(last or first)
        for day in DAYS[at : end + 1]:
            found.setdefault(day, []).extend(spans.replace(",", " ").split())
    return found


def _seconds(text: str) -> int:
    return length_ms(text) // 1000
