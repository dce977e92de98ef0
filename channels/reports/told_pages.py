"""What comes after the form: what is about to be sent, how it stands, what went wrong. Pure: data in, HTML out."""

from collections.abc import Sequence

from channels.abuse import Sign
from channels.base import Said
from channels.public_state import Nearby, PublicState
from channels.public_status import status_of
from channels.reports.controls import Told, button, control, hidden, plain_button, summary
from channels.reports.layout import BASE, Look, Topics, name_of, page, panel, paragraphs, rows
from channels.reports.markup import Markup, tag, together
from channels.reports.wire import FIELDS, Draft, kept_field


def check_page(look: Look, topics: Topics, draft: Draft, nearby: Nearby, told: Told, sign: Sign) -> str:
    """Everything once more before it is sent, and what is known already where it is."""
    title = look.say("check-title")
    place = ", ".join(part for part in (draft.address, draft.position) if part)
    person = ", ".join(part for part in (draft.name, draft.email, draft.phone) if part)
    photos = look.say("photos-count", count=len(draft.photos)) if draft.photos else ""
    form = tag(
        "form",
        {"method": "post", "action": look.here, "id": "send"},
        [hidden(name, getattr(draft, name)) for name in FIELDS],
        [hidden("kept_photo", kept_field(photo, sign)) for photo in draft.photos],
        tag(
            "div",
            {"class": "buttons"},
            button("send", look.say("send-button")),
            plain_button("edit", look.say("edit-button")),
        ),
    )
    return page(
        look,
        look.say("page-title-fault", title=title) if told else title,
        summary(look, told),
        tag("h1", None, title),
        _known(look, nearby),
        _similar(look, nearby),
        rows(
            (look.say("row-topic"), name_of(topics.get(draft.topic), look)),
            (look.say("row-text"), paragraphs(draft.text)),
            (look.say("row-place"), place),
            (look.say("row-photos"), photos),
            (look.say("row-person"), person or look.say("no-person")),
            (look.say("row-tell-by"), look.say(f"tell-by-{draft.tell_by}")),
        ),
        form,
        other=look.there,
    )


def follow_page(
    look: Look,
    topics: Topics,
    state: PublicState,
    said: Sequence[Said],
    key: str,
    told: Told,
    *,
    nearby: Nearby,
    news: str = "",
    stamp: str = "",
    text: str = "",
) -> str:
    """How a report stands, for whoever holds its key."""
    title = look.say("follow-title")
    return page(
        look,
        look.say("page-title-fault", title=title) if told else title,
        summary(look, told),
        tag("h1", None, title),
        _news(look, news),
        _standing(look, nearby),
        rows(
            (look.say("row-number"), state.contact),
            (look.say("row-topic"), name_of(topics.get(state.topic), look)),
            (look.say("row-status"), look.say(f"status-{status_of(state)}")),
            (look.say("row-unit"), state.unit),
            (look.say("row-received"), look.when(state.received_at)),
            (look.say("row-changed"), look.when(state.changed_at)),
            (look.say("row-expected"), look.when(state.expected_at) if state.expected_at else ""),
        ),
        _said(look, said),
        _more(look, state.contact, key, told, stamp, text),
        tag("p", None, tag("a", {"href": f"{BASE}?lang={look.words.lang}"}, look.say("new-report"))),
        other=f"{BASE}/{state.contact}?key={key}&lang={look.other}",
    )


def hidden_page(look: Look, contact: str, news: str) -> str:
    """That it was received, where no more may be told: of a protected person, or after its time."""
    title = look.say("follow-title")
    return page(
        look,
        title,
        tag("h1", None, title),
        tag("p", None, look.say("sent-title")) if news == "sent" else None,
        rows((look.say("row-number"), contact)),
        tag("p", None, look.say("hidden-text")),
        tag("p", None, tag("a", {"href": look.here}, look.say("new-report"))),
        other=look.there,
    )


def wrong_page(look: Look, key: str) -> str:
    """Instead of a page that can't be shown."""
    title = look.say("wrong-title")
    return page(
        look,
        title,
        tag("h1", None, title),
        tag("p", None, look.say(key)),
        tag("p", None, tag("a", {"href": f"{BASE}?lang={look.words.lang}"}, look.say("wrong-back"))),
        other=look.there,
    )


def _known(look: Look, nearby: Nearby) -> Markup | None:
    """What stands there, for whoever is about to report it."""
    if not (nearby.disturbance_sv or nearby.disturbance_en):
        return None
    leave = look.settings.home_url
    return panel(
        "known",
        look.say("known-title"),
        _message(look, nearby),
        tag("p", None, look.say("known-text")),
        tag("p", None, tag("a", {"href": leave}, look.say("known-leave"))) if leave else None,
    )


def _standing(look: Look, nearby: Nearby) -> Markup | None:
    """What stands there, for whoever has reported it."""
    if not (nearby.disturbance_sv or nearby.disturbance_en):
        return None
    return panel("known", look.say("known-title"), _message(look, nearby))


def _message(look: Look, nearby: Nearby) -> Markup:
    is_english = look.words.lang == "en" and bool(nearby.disturbance_en)
    message = nearby.disturbance_en if is_english else nearby.disturbance_sv
    until = look.say("known-until", when=look.when(nearby.expected_end_at)) if nearby.expected_end_at else ""
    return together(
        tag("p", {"lang": None if is_english else "sv"}, message),
        tag("p", None, until) if until else None,
    )


def _similar(look: Look, nearby: Nearby) -> Markup | None:
    if not nearby.reports:
        return None
    return panel(
        "similar",
        look.say("similar-title"),
        tag("p", None, look.say("similar-text", count=nearby.reports, when=look.when(nearby.since))),
        tag("p", None, look.say("similar-follow")),
    )


def _more(look: Look, contact: str, key: str, told: Told, stamp: str, text: str) -> Markup:
    """A form for further words."""
    form = tag(
        "form",
        {"method": "post", "action": f"{BASE}/{contact}?lang={look.words.lang}", "novalidate": True},
        hidden("key", key),
        hidden("stamp", stamp),
        control("more", look.say("more-label"), "textarea", {"rows": 4}, told, inner=text),
        button("more", look.say("more-button")),
    )
    return together(tag("h2", None, look.say("more-title")), form)


def _news(look: Look, news: str) -> Markup | None:
    if news == "sent":
        return panel("good", look.say("sent-title"), tag("p", None, look.say("sent-text")))
    return tag("p", {"class": "panel good", "role": "status"}, look.say("more-sent")) if news == "more" else None


def _said(look: Look, said: Sequence[Said]) -> Markup | None:
    if not said:
        return None
    messages = [
        tag(
            "li",
            {"class": f"by-{each.by}"},
            tag("p", {"class": "hint"}, look.say(f"said-{each.by}", when=look.when(each.at)) if each.at else None),
            paragraphs(each.text),
        )
        for each in said
    ]
    return together(tag("h2", None, look.say("said-title")), tag("ol", {"class": "said"}, messages))
