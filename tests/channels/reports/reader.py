"""A resident without scripts: reads a page's forms as a browser does, fills them in, presses a button."""

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import NamedTuple, Self

import aiohttp

Upload = tuple[str, bytes]
"""File name and bytes."""


class Button(NamedTuple):
    """A button that sends the form."""

    name: str
    value: str


class Page(HTMLParser):
    """What a page holds: its words, its controls with what stands in them, the last form's address, its buttons."""

    def __init__(self, status: int, url: str, headers: Mapping[str, str], html: str) -> None:
        super().__init__()
        self.status = status
        self.url = url
        self.headers = headers
        self.html = html
        self.action = ""
        self.fields: list[tuple[str, str]] = []
        self.files: list[str] = []
        self.buttons: dict[str, Button] = {}
        self.labels: dict[str, str] = {}
        self.lang = ""
        self._words: list[str] = []
        self._select = ""
        self._area = ""
        self._label = ""
        self.feed(html)

    @property
    def text(self) -> str:
        """All its words."""
        return " ".join(" ".join(self._words).split())

    def value(self, name: str) -> str:
        """What stands in a control."""
        return dict(self.fields).get(name, "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what a browser would send."""
        said = {name: value or "" for name, value in attrs}
        name, kind = said.get("name", ""), said.get("type", "text")
        if tag == "html":
            self.lang = said["lang"]
        elif tag == "form":
            self.action = said["action"]
        elif tag == "input" and kind == "file":
            self.files.append(name)
        elif tag == "input" and (kind not in {"radio", "checkbox"} or "checked" in said):
            self.fields.append((name, said.get("value", "")))
        elif tag == "select":
            self._select = name
            self.fields.append((name, ""))
        elif tag == "option" and "selected" in said:
            self.fields[-1] = (self._select, said["value"])
        elif tag == "textarea":
            self._area = name
            self.fields.append((name, ""))
        elif tag == "button" and kind == "submit":
            self.buttons[said["value"]] = Button(name, said["value"])
        elif tag == "label":
            self._label = said["for"]

    def handle_endtag(self, tag: str) -> None:
        """Controls end."""
        if tag in {"textarea", "label"}:
            self._area = self._label = ""

    def handle_data(self, data: str) -> None:
        """Words, and what stands in a text area."""
        if self._area:
            self.fields[-1] = (self._area, self.fields[-1][1] + data)
        else:
            self._words.append(data)
        if self._label:
            self.labels[self._label] = self.labels.get(self._label, "") + data


class Resident:
    """Somebody with a browser, from an address."""

    def __init__(self, url: str, http: aiohttp.ClientSession, address: str = "192.0.2.1") -> None:
        self.url = url
        self.http = http
        self.headers = {"X-Forwarded-For": address}

    async def open(self, path: str = "/report", **headers: str) -> Page:
        """Go to an address, following where it leads."""
        async with self.http.get(self.url + path, headers=self.headers | headers) as got:
            return Page(got.status, str(got.url), got.headers, await got.text())

    async def press(
        self, page: Page, button: str, changes: Mapping[str, str] | None = None, photos: Sequence[Upload] = ()
    ) -> Page:
        """Fill in and press: everything that stands in the form goes along, as a multipart form."""
        wanted = dict(changes or {})
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in page.fields:
            form.add_field(name, wanted.pop(name, value))
        for name, value in wanted.items():
            form.add_field(name, value)
        for name, body in photos:
            form.add_field(page.files[0], body, filename=name, content_type="image/jpeg")
        pressed = page.buttons[button]
        form.add_field(pressed.name, pressed.value)
        async with self.http.post(self.url + page.action, data=form, headers=self.headers) as got:
            return Page(got.status, str(got.url), got.headers, await got.text())

    def elsewhere(self, address: str) -> Self:
        """The same from another address."""
        return type(self)(self.url, self.http, address)
