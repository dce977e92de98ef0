"""The form's controls: label, hint, what is wrong, tied together for whoever listens instead of looks. Pure."""

from collections.abc import Mapping, Sequence

from channels.reports.layout import Look
from channels.reports.markup import Attributes, Child, Markup, tag
from channels.reports.wire import Fault

SUBMIT = "submit"
"""What a fault of no field points at."""
Told = Mapping[str, Sequence[str]]
"""Field -> sentences about what is wrong."""


def told_of(look: Look, faults: Sequence[Fault], arguments: Mapping[str, int]) -> Told:
    """The faults in words."""
    found: dict[str, list[str]] = {}
    for field, key in faults:
        said = look.say(key, **(arguments if key == "fault-too-many" else {}))
        found.setdefault(field, []).append(said)
    return found


def summary(look: Look, told: Told) -> Markup | None:
    """Everything that is wrong, each a link to its field; read out when the page comes."""
    if not told:
        return None
    links = [
        tag("li", None, tag("a", {"href": f"#{field}"}, text))
        for field, sentences in told.items()
        for text in sentences
    ]
    return tag(
        "div",
        {"class": "panel wrong", "role": "alert", "tabindex": "-1", "id": "summary"},
        tag("h2", None, look.say("summary-title")),
        tag("ul", None, links),
    )


def control(
    name: str, label: str, element: str, attributes: Attributes, told: Told, *, hint: str = "", inner: Child = None
) -> Markup:
    """One control with its label, hint and faults."""
    wrong = told.get(name, ())
    described = [f"{name}-hint"] * bool(hint) + [f"{name}-wrong"] * bool(wrong)
    tied: Attributes = {
        "id": name,
        "name": name,
        "aria-describedby": " ".join(described) or None,
        "aria-invalid": "true" if wrong else None,
    }
    return tag(
        "div",
        {"class": "field wrong-field" if wrong else "field"},
        tag("label", {"for": name}, label),
        tag("p", {"class": "hint", "id": f"{name}-hint"}, hint) if hint else None,
        _wrong(name, wrong),
        tag(element, {**tied, **attributes}, inner),
    )


def line(look: Look, name: str, value: str, told: Told, attributes: Attributes, *, optional: bool = True) -> Markup:
    """A line of text; its label and hint stand under its name."""
    key = name.replace("_", "-")
    label = look.say(f"{key}-label") + (f" {look.say('optional')}" if optional else "")
    hint = look.say(f"{key}-hint") if look.words.has(f"{key}-hint") else ""
    return control(name, label, "input", {"type": "text", "value": value, **attributes}, told, hint=hint)


def group(name: str, legend: str, *content: Child, hint: str = "", told: Told | None = None) -> Markup:
    """Controls that belong together."""
    wrong = (told or {}).get(name, ())
    described = [f"{name}-hint"] * bool(hint) + [f"{name}-wrong"] * bool(wrong)
    return tag(
        "fieldset",
        {"aria-describedby": " ".join(described) or None, "class": "wrong-field" if wrong else None},
        tag("legend", None, legend),
        tag("p", {"class": "hint", "id": f"{name}-hint"}, hint) if hint else None,
        _wrong(name, wrong),
        *content,
    )


def choice(kind: str, name: str, value: str, label: str, *, identity: str, is_chosen: bool) -> Markup:
    """A radio button or a box to tick."""
    return tag(
        "div",
        {"class": "choice"},
        tag("input", {"type": kind, "id": identity, "name": name, "value": value, "checked": is_chosen}),
        tag("label", {"for": identity}, label),
    )


def hidden(name: str, value: str) -> Markup:
    """What goes along unseen."""
    return tag("input", {"type": "hidden", "name": name, "value": value})


def button(value: str, label: str) -> Markup:
    """The button that sends the form on."""
    return tag("button", {"type": "submit", "name": "do", "value": value, "id": SUBMIT}, label)


def plain_button(value: str, label: str) -> Markup:
    """A button beside it."""
    return tag("button", {"type": "submit", "name": "do", "value": value, "class": "plain"}, label)


def _wrong(name: str, wrong: Sequence[str]) -> Markup | None:
    if not wrong:
        return None
    return tag("p", {"class": "fault", "id": f"{name}-wrong"}, ". ".join(wrong))
