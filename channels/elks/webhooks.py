"""Who may call our webhooks, and the addresses that we give out: basic credentials and a secret in the path."""

import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from aiohttp import encode_basic_auth, hdrs, web

from channels.door import come
from channels.elks.settings import ElksNumber
from router.errors import NotFound, TooLarge, Unauthenticated

MOST_BYTES = 65_536
FORM = "application/x-www-form-urlencoded"


class Webhooks:
    """The addresses of one adapter."""

    def __init__(self, root: str, public_url: str, user: str, password: str, numbers: Sequence[ElksNumber]) -> None:
        self._root = root
        self._agreed = encode_basic_auth(user, password)
        self._numbers = {each.secret: each for each in numbers}
        parts = urlsplit(public_url)
        credentials = f"{quote(user, safe='')}:{quote(password, safe='')}@"
        self._base = urlunsplit((parts.scheme, credentials + parts.netloc, parts.path.rstrip("/"), "", ""))

    def path(self, step: str) -> str:
        """Where a step is served."""
        return f"{self._root}/{{secret}}/{step}"

    def url(self, number: ElksNumber, step: str, **state: str | int) -> str:
        """What 46elks is told to call; `state` comes back with it."""
        query = f"?{urlencode(state)}" if state else ""
        return f"{self._base}{self._root}/{number.secret}/{step}{query}"

    def again(self, request: web.Request, **state: str) -> str:
        """The address that was called, to be called once more."""
        query = urlencode({**request.query, **state})
        return f"{self._base}{request.path}?{query}"

    async def read(self, request: web.Request) -> tuple[ElksNumber, Mapping[str, str]]:
        """Which number it is about, and what it says.

        Raises:
            Unauthenticated: it is not 46elks.
            NotFound: no number of ours has this secret.
            TooLarge: it is no webhook of theirs.
        """
        shown = request.headers.get(hdrs.AUTHORIZATION, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(shown, self._agreed.encode()):
            raise Unauthenticated
        number = self._numbers.get(request.match_info["secret"])
        if number is None:
            raise NotFound
        if request.content_length is not None and request.content_length > MOST_BYTES:
            raise TooLarge(field="body")
        if request.content_type != FORM:
            return number, {}
        return number, {name: value for name, value in (await come(request.post())).items() if isinstance(value, str)}
