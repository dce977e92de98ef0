"""The form, with what stands in it already and what is wrong with it. Pure: data in, HTML out."""

from channels.abuse import Sign
from channels.reports.controls import Told, button, choice, control, group, hidden, line, summary
from channels.reports.layout import Look, Topics, name_of, page
from channels.reports.markup import Child, Markup, tag, together
from channels.reports.wire import HONEYPOT, TELL_BY, Draft, kept_field


def form_page(look: Look, topics: Topics, draft: Draft, told: Told, sign: Sign) -> str:
    """The form, with what stands in it already and what is wrong with it."""
    title = look.say("page-title")
    urgent = [look.say("urgent")]
    if look.settings.urgent_phone:
        urgent.append(look.say("urgent-phone", phone=look.settings.urgent_phone))
    form = tag(
        "form",
        {"method": "post", "action": look.here, "enctype": "multipart/form-data", "novalidate": True},
        hidden("stamp", draft.stamp),
        _what(look, topics, draft, told),
        _where(look, draft, told),
        _photos(look, draft, told, sign),
        _who(look, draft, told),
        _trap(look, draft, told),
        button("check", look.say("check-button")),
    )
    return page(
        look,
        look.say("page-title-fault", title=title) if told else title,
        summary(look, told),
        tag("h1", None, title),
        tag("p", None, look.say("intro")),
        tag("p", {"class": "urgent"}, " ".join(urgent)),
        form,
        other=look.there,
        script="position.js",
    )


def _what(look: Look, topics: Topics, draft: Draft, told: Told) -> Markup:
    options: list[Child] = [tag("option", {"value": ""}, look.say("choose"))]
    options += [
        tag("option", {"value": code, "selected": code == draft.topic}, name_of(topic, look))
        for code, topic in topics.items()
    ]
    return together(
        control("topic", look.say("topic-label"), "select", {}, told, inner=options),
        control(
            "text", look.say("text-label"), "textarea", {"rows": 6}, told, hint=look.say("text-hint"), inner=draft.text
        ),
    )


def _where(look: Look, draft: Draft, told: Told) -> Markup:
    island = tag(
        "div",
        {
            "id": "island",
            "hidden": True,
            "data-searching": look.say("position-searching"),
            "data-found": look.say("position-found"),
            "data-denied": look.say("position-denied"),
        },
        tag("button", {"type": "button", "class": "plain", "id": "locate"}, look.say("position-button")),
        tag("p", {"role": "status", "id": "located"}),
    )
    return group(
        "place",
        look.say("place-legend"),
        line(look, "address", draft.address, told, {"autocomplete": "off"}, optional=False),
        line(look, "position", draft.position, told, {"autocomplete": "off", "inputmode": "text"}, optional=False),
        island,
        hint=look.say("place-hint"),
    )


def _photos(look: Look, draft: Draft, told: Told, sign: Sign) -> Markup:
    kept: list[Child] = []
    for i, photo in enumerate(draft.photos, 1):
        kept += [
            hidden("kept_photo", kept_field(photo, sign)),
            tag("p", None, look.say("photo-kept", number=i)),
            choice(
                "checkbox",
                "drop_photo",
                photo.blob,
                look.say("photo-drop", number=i),
                identity=f"drop-{i}",
                is_chosen=False,
            ),
        ]
    accepted = "image/jpeg,image/png,image/webp,image/gif,image/heic"
    return together(
        control(
            "photo",
            f"{look.say('photo-label')} {look.say('optional')}",
            "input",
            {"type": "file", "accept": accepted, "multiple": True},
            told,
            hint=look.say("photo-hint"),
        ),
        kept,
    )


def _who(look: Look, draft: Draft, told: Told) -> Markup:
    ways = [
        choice(
            "radio",
            "tell_by",
            way,
            look.say(f"tell-by-{way}"),
            identity="tell_by" if way == TELL_BY[0] else f"tell-by-{way}",
            is_chosen=draft.tell_by == way,
        )
        for way in TELL_BY
    ]
    return together(
        group(
            "person",
            f"{look.say('person-legend')} {look.say('optional')}",
            line(look, "name", draft.name, told, {"autocomplete": "name"}, optional=False),
            line(look, "email", draft.email, told, {"type": "email", "autocomplete": "email"}, optional=False),
            line(look, "phone", draft.phone, told, {"type": "tel", "autocomplete": "tel"}, optional=False),
            hint=look.say("person-hint"),
        ),
        group("tell_by", look.say("tell-by-legend"), ways, told=told),
    )


def _trap(look: Look, draft: Draft, told: Told) -> Markup:
    """Out of sight unless it was filled in: then a person must be able to empty it."""
    attributes = {
        "type": "text",
        "value": draft.website,
        "autocomplete": "off",
        "tabindex": None if told.get(HONEYPOT) else "-1",
    }
    field = control(HONEYPOT, look.say("trap-label"), "input", attributes, told)
    return field if told.get(HONEYPOT) else tag("div", {"class": "trap", "aria-hidden": "true"}, field)
