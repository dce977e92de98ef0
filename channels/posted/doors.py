"""Who may post a form: the system that holds its key, whoever signs with its secret, or a visitor of a page of ours.

Owns keys, signatures, origins, honeypot, stamp and buckets of posted forms; knows nothing of what they say.
"""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from aiohttp import web

from channels.abuse import Buckets, Sign, check_stamp, same
from channels.door import address_of
from channels.posted.settings import FormSettings, PostedSettings
from channels.posted.signatures import check_signature
from channels.posted.wire import Posted
from router.errors import Forbidden, SchemaMismatch, TooManyRequests, Unauthenticated

OLDEST_S = 86_400.0
VERDICTS = {
    "forged": "ask for a new one: not given out for this form",
    "too_fast": "faster than a person fills it in: wait and post again",
    "too_old": "ask for a new one: this is a day old",
}


class Doors:
    """The doors of every form."""

    def __init__(self, settings: PostedSettings, sign: Sign, now_ms: Callable[[], int]) -> None:
        self._settings = settings
        self._sign = sign
        self._now_ms = now_ms
        self._buckets = {name: Buckets(form.burst, form.refill_s) for name, form in settings.forms.items()}

    def open(self, request: web.Request, body: bytes, form_id: str) -> str:
        """Let a post in, before it is read: its signed id, or ''. A browser is known by its `Origin`.

        Raises:
            Unauthenticated: key or signature do not hold.
            Forbidden: from a page that may not post it.
            TooManyRequests: too many from one address.
        """
        form = self._settings.forms[form_id]
        if form.secret and "webhook-signature" in request.headers:
            return check_signature(request.headers, body, form.secret, self._now_ms())
        given = bearer_of(request)
        if given or not form.origins:
            self.check_key(given, form)
            return ""
        if origin_of(request.headers) not in form.origins:
            raise Forbidden("not a page that may post this form", field="Origin")
        self._count(request, form_id)
        return ""

    def check_key(self, given: str, form: FormSettings) -> None:
        """Whether this is the form's bearer key.

        Raises:
            Unauthenticated: it is not, or the form has none.
        """
        if not form.key or not same(given, form.key):
            where = "webhook-signature" if form.secret and not form.key else "Authorization"
            raise Unauthenticated("send the form's key as a bearer token, or sign", field=where)

    def check_visitor(self, posted: Posted, form_id: str) -> None:
        """Whether a person filled it in.

        Raises:
            SchemaMismatch: the trap holds something, or the stamp is not right; a person can post again.
        """
        form = self._settings.forms[form_id]
        if form.honeypot and posted.text(form.honeypot):
            raise SchemaMismatch("leave this field empty", field=form.honeypot)
        if form.at_least_s:
            verdict = check_stamp(
                self._sign,
                form_id,
                posted.text("stamp"),
                self._now_ms(),
                at_least_s=form.at_least_s,
                at_most_s=OLDEST_S,
            )
            if verdict != "fine":
                raise SchemaMismatch(VERDICTS[verdict], field="stamp")

    def _count(self, request: web.Request, form_id: str) -> None:
        buckets = self._buckets[form_id]
        if not buckets.take(address_of(request, self._settings.proxies), self._now_ms()):
            raise TooManyRequests(f"one more in {buckets.wait_s()} seconds", wait_s=buckets.wait_s())


def bearer_of(request: web.Request) -> str:
    """The key in the Authorization header, or ''."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def origin_of(headers: Mapping[str, str]) -> str:
    """The page's origin as the browser says it; of the referring page where a browser leaves it out."""
    origin = headers.get("Origin", "")
    if origin:
        return origin
    try:
        parts = urlsplit(headers.get("Referer", ""))
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
