"""What browsers load of the chat: `widget.js`, whole in one file, and a page to try it on. Reads only what ships."""

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from html import escape

from aiohttp import web

from channels.chat.bundle import bundle
from channels.chat.settings import ChatSettings, Lang
from channels.chat.words import say


class Pages:
    """The files of the chat, made once."""

    def __init__(self, settings: ChatSettings, city: str) -> None:
        self._settings = settings
        self._city = city
        self._script = bundle(self._shown()).encode()
        self._packed = gzip.compress(self._script, 9, mtime=0)
        self._etag = hashlib.sha256(self._script).hexdigest()[:32]

    def routes(self) -> Sequence[web.RouteDef]:
        """The widget and the page to try it."""
        return [web.get("/v1/chat/widget.js", self.widget), web.get("/v1/chat/demo", self.demo)]

    def _shown(self) -> Mapping[str, object]:
        """What the widget must know of the settings: nothing of it is secret."""
        wanted = self._settings
        return {
            "name": self._city,
            "texts": wanted.texts,
            "topics": wanted.topics,
            "most": wanted.max_text,
            "file": wanted.attachment_bytes,
            "transcript": wanted.has_transcript,
            "callback": wanted.has_callback,
        }

    async def widget(self, request: web.Request) -> web.Response:
        """The script; any page may load it, only pages of known origins can open the chat."""
        headers = {
            "ETag": f'"{self._etag}"',
            "Cache-Control": "public, max-age=300, must-revalidate",
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "X-Content-Type-Options": "nosniff",
            "Vary": "Accept-Encoding",
        }
        if any(tag.value == self._etag for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        is_packed = "gzip" in request.headers.get("Accept-Encoding", "")
        if is_packed:
            headers["Content-Encoding"] = "gzip"
        body = self._packed if is_packed else self._script
        return web.Response(body=body, content_type="text/javascript", charset="utf-8", headers=headers)

    async def demo(self, request: web.Request) -> web.Response:
        """A page that carries the widget; `?lang=en` in English."""
        lang: Lang = "en" if request.query.get("lang") == "en" else "sv"
        title, head, text = (escape(say(lang, f"demo-{part}", **_with_city(part, self._city))) for part in _PARTS)
        page = (
            f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
            f"<body><main><h1>{head}</h1><p>{text}</p></main>"
            f'<script src="widget.js" data-language="{lang}" defer></script></body></html>\n'
        )
        headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
        return web.Response(text=page, content_type="text/html", headers=headers)


POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'; require-trusted-types-for 'script'"
)
"""As strict as a city's own page may be."""
_PARTS = ("title", "head", "text")


def _with_city(part: str, city: str) -> dict[str, str | int]:
    return {"city": city} if part == "text" else {}
