"""What every page has around it: language, title, skip link, header, footer. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from channels.catalogues import LOCALES, Catalogue
from channels.reports.markup import Child, Markup, tag, together
from channels.reports.settings import ReportsSettings
from channels.site import SiteTopic

BASE = "/report"
Topics = Mapping[str, SiteTopic]
SWEDEN = ZoneInfo("Europe/Stockholm")
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Look(NamedTuple):
    """What a page is written with."""

    words: Catalogue
    city: str
    settings: ReportsSettings

    def say(self, key: str, **arguments: str | int) -> str:
        """A sentence."""
        return self.words.say(key, **arguments)

    @property
    def other(self) -> str:
        """The other language."""
        return "en" if self.words.lang == "sv" else "sv"

    @property
    def here(self) -> str:
        """The form's address in this language."""
        return f"{BASE}?lang={self.words.lang}"

    @property
    def there(self) -> str:
        """The form's address in the other language."""
        return f"{BASE}?lang={self.other}"

    def when(self, at_ms: int) -> str:
        """A moment as people of this city write it."""
        moment = datetime.fromtimestamp(at_ms / 1000, UTC)
        return format_datetime(
            moment, "d MMMM y HH:mm", tzinfo=SWEDEN, locale=LOCALES[self.words.lang].replace("-", "_")
        )


def name_of(topic: SiteTopic | None, look: Look) -> str:
    """The topic's name in the page's language."""
    if topic is None:
        return ""
    return topic.sv if look.words.lang == "sv" else topic.en


def page(look: Look, title: str, *content: Child, other: str, script: str = "") -> str:
    """A whole page; `other` is the address of the same in the other language."""
    lang = look.words.lang
    head = tag(
        "head",
        None,
        tag("meta", {"charset": "utf-8"}),
        tag("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        tag("meta", {"name": "color-scheme", "content": "light dark"}),
        tag("title", None, f"{title} - {look.city}"),
        tag("link", {"rel": "stylesheet", "href": f"{BASE}/static/style.css"}),
        tag("link", {"rel": "icon", "type": "image/svg+xml", "href": f"{BASE}/static/icon.svg"}),
        tag("script", {"src": f"{BASE}/static/{script}", "defer": True}) if script else None,
    )
    body = tag(
        "body",
        None,
        tag("a", {"class": "skip", "href": "#main"}, look.say("skip")),
        _header(look, other),
        tag("main", {"id": "main", "tabindex": "-1"}, *content),
        _footer(look),
    )
    return "<!doctype html>\n" + tag("html", {"lang": lang}, head, body)


def _header(look: Look, other: str) -> Markup:
    name = look.say("other-language")
    return tag(
        "header",
        None,
        tag("p", {"class": "city"}, look.city),
        tag("a", {"href": other, "lang": look.other, "hreflang": look.other}, name),
    )


def _footer(look: Look) -> Markup | None:
    links = [
        tag("li", None, tag("a", {"href": url}, look.say(key)))
        for url, key in (
            (look.settings.privacy_url, "privacy-link"),
            (look.settings.accessibility_url, "accessibility-link"),
        )
        if url
    ]
    return tag("footer", None, tag("ul", None, links)) if links else None


def panel(kind: str, title: str, *content: Child, identity: str = "") -> Markup:
    """Something set apart, with a heading of its own."""
    return tag(
        "section",
        {"class": f"panel {kind}", "aria-labelledby": f"{identity or kind}-title"},
        tag("h2", {"id": f"{identity or kind}-title"}, title),
        *content,
    )


def rows(*pairs: tuple[str, Child]) -> Markup:
    """Names and what they are; an empty one is left out."""
    return tag(
        "dl",
        None,
        [together(tag("dt", None, name), tag("dd", None, value)) for name, value in pairs if value],
    )


def paragraphs(text: str) -> Markup:
    """What a person wrote, with their line breaks."""
    return together(tag("p", {"class": "words"}, part) for part in text.split("\n\n") if part.strip())
