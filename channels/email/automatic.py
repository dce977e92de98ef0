"""Was it a machine? Classes of automatic mail by its headers (RFC 3834 and what others send instead). Pure.

The envelope's null sender is added by `wire`, which knows it; the subject's words alone are never enough.
"""

import re

from channels.email.headers import Headers
from channels.email.mail import AutoClass

_BULK = frozenset({"bulk", "junk"})
_REPLYING = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-autoreply-from", "x-mail-autoreply")
_YES = frozenset({"yes", "true", "1"})
_SUPPRESS = frozenset({"all", "autoreply", "oof"})
_NOBODY = re.compile(
    r"^(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|donotreply|svara[-_.]?(?:ej|inte)|ej[-_.]?svar|mailer[-_.]?daemon"
    r"|postmaster|bounces?|listserv|majordomo|autoreply|auto[-_.]?svar)(?:[-+_.].*)?$"
)


def class_of(headers: Headers, media_type: str) -> AutoClass:
    """The class of a mail by its headers; `none` for what a person may have written."""
    if media_type == "multipart/report" or headers.first("return-path").strip() == "<>":
        return "bounce" if _is_delivery(headers, media_type) else "auto_reply"
    submitted = headers.first("auto-submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return "auto_reply"
    precedence = {headers.first(name).strip().lower() for name in ("precedence", "x-precedence")}
    if "auto_reply" in precedence or any(_is_set(headers, name) for name in _REPLYING):
        return "auto_reply"
    return _less_certain(headers, precedence)


def _less_certain(headers: Headers, precedence: set[str]) -> AutoClass:
    if "list" in precedence or any(headers.has(name) for name in ("list-id", "list-unsubscribe", "feedback-id")):
        return "list"
    if not _BULK.isdisjoint(precedence):
        return "bulk"
    is_responder = any(each.strip().lower() == "autoresponder" for each in headers.all("delivered-to"))
    return "auto_reply" if is_responder or headers.first("x-loop").strip().lower() in _YES else "none"


def _is_delivery(headers: Headers, media_type: str) -> bool:
    """A report of delivery or reading, or a null sender; an absence notice says so besides."""
    submitted = headers.first("auto-submitted").partition(";")[0].strip().lower()
    return media_type == "multipart/report" or submitted != "auto-replied"


def _is_set(headers: Headers, name: str) -> bool:
    return headers.has(name) and headers.first(name).strip().lower() not in {"", "no", "false", "0"}


def forbids_reply(headers: Headers) -> bool:
    """Whether the sender asks that no machine answers (MS-OXCMAIL); says nothing of who wrote it."""
    asked = headers.first("x-auto-response-suppress").lower().replace(";", ",").split(",")
    return not _SUPPRESS.isdisjoint(each.strip() for each in asked)


def is_nobody(address: str) -> bool:
    """Whether an address is a machine's, which no machine should answer."""
    return bool(_NOBODY.match(address.partition("@")[0].lower()))
