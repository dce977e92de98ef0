"""GeoReport v2 as FixMyStreet speaks it: posted forms to contacts and messages, queries to periods. Pure.

A picture behind an address (`media_url`) is kept as a reference and never fetched. Parameters that nobody asked for are
let by: every client sends some of its own.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from channels.filling import Given, fill
from channels.form_body import Form
from channels.inbound import Attachment, InboundContact
from channels.open311.services import Services
from channels.open311.settings import Attribute, ServiceSetting
from router.errors import NotFound, SchemaMismatch

DAY_MS = 86_400_000
MOST_DAYS = 90
MOST_IDS = 500
MOST_MEDIA = 10
MOST_ATTRIBUTES = 50
MOST_SUBJECT = 120
MOST_LIST = 2_000
_ATTRIBUTE = re.compile(r"^attribute\[([^\[\]]{1,60})\](?:\[\])?$")
_TITLE = re.compile(r"^(?:titel|title)\s*:\s*", re.IGNORECASE)


class Asked(NamedTuple):
    """Which requests or updates somebody wants to see."""

    since: int
    until: int
    codes: tuple[str, ...] = ()
    is_open: bool | None = None
    ids: tuple[str, ...] = ()


class Update(NamedTuple):
    """What the other side's resident says about a request."""

    update_id: str
    request: str
    text: str
    photos: tuple[Attachment, ...] = ()
    """By reference, never fetched."""


def report_of(
    form: Form, service: ServiceSetting, attachments: Sequence[Attachment], *, by_email: bool
) -> InboundContact:
    """The contact that a posted request is.

    Raises:
        SchemaMismatch: a parameter is missing or wrong; it is named.
    """
    description = form.get("description")
    name = " ".join(part for part in (form.get("first_name"), form.get("last_name")) if part)
    email = form.get("email")
    given = {
        "channel": Given("web", "$"),
        "topic": Given(service.topic, "service_code"),
        "subject": Given(_subject(description) or service.name, "description"),
        "text": Given(description, "description"),
        "person.name": Given(name, "last_name"),
        "person.email": Given(email, "email"),
        "person.phone": Given(form.get("phone"), "phone"),
        "person.party_id": Given(form.get("account_id"), "account_id"),
        "attachments": Given((*_media(form), *attachments), "media_url"),
        "preferred_notice": Given("email" if email and by_email else "none", "email"),
        **_place(form),
        **_attributes(form, service),
    }
    return fill(given)


def identity_of(form: Form, files: Sequence[str], at_ms: int) -> str:
    """What makes two posts the same post: clients send again after a time-out, and the protocol has no id.

    Everything that was said, but the key it was said with, in whatever order: FixMyStreet's parameters and files leave
    in another one each time. Who says nothing but a place may say it again an hour later.
    """
    words = sorted((name, value) for name, value in form.fields if name not in {"api_key", "jurisdiction_id"})
    hour = "" if form.get("description") else str(at_ms // 3_600_000)
    return hashlib.sha256(repr((words, tuple(sorted(files)), hour)).encode()).hexdigest()[:40]


def update_of(form: Form) -> Update:
    """The update that a posted form is.

    Raises:
        SchemaMismatch: a parameter is missing or wrong.
    """
    needed = {name: form.get(name) for name in ("update_id", "service_request_id", "status")}
    for name, value in needed.items():
        if not value or len(value) > 200:  # noqa: PLR2004 # longer than any id
            raise SchemaMismatch("required, at most 200 characters", field=name)
    words = form.get("description")
    text = f"{words}\n\nStatus: {needed['status'].upper()}".strip()
    return Update(needed["update_id"], needed["service_request_id"], text, _media(form))


def asked_of(query: Mapping[str, str], now_ms: int, *, default_days: int = MOST_DAYS) -> Asked:
    """What a list is wanted of.

    Raises:
        SchemaMismatch: a parameter is wrong, or the period longer than is given.
    """
    since, until = _period(query, now_ms, default_days)
    ids = _csv(query, "service_request_id")
    if len(ids) > MOST_IDS:
        raise SchemaMismatch(f"at most {MOST_IDS} at once", field="service_request_id")
    return Asked(since, until, _csv(query, "service_code"), _is_open(_csv(query, "status")), ids)


def _period(query: Mapping[str, str], now_ms: int, default_days: int) -> tuple[int, int]:
    until = _instant(query, "end_date")
    since = _instant(query, "start_date")
    if until is None:
        until = now_ms if since is None else min(now_ms, since + MOST_DAYS * DAY_MS)
    if since is None:
        since = until - default_days * DAY_MS
    if until - since > MOST_DAYS * DAY_MS:
        raise SchemaMismatch(f"at most {MOST_DAYS} days at once", field="end_date")
    return since, until + 999


def _instant(query: Mapping[str, str], name: str) -> int | None:
    """W3C date and time; a `+` that was not escaped has become a blank on its way."""
    text = query.get(name, "").strip().replace(" ", "+")
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        offset = found.utcoffset()
        if offset is None:
            raise SchemaMismatch("give the offset, 2026-01-31T12:00:00Z", field=name)
        naive = found.replace(tzinfo=None) - offset
        return (naive - datetime(1970, 1, 1)) // timedelta(milliseconds=1)  # noqa: DTZ001 # both are UTC
    except (ValueError, OverflowError):
        raise SchemaMismatch("expected date and time, 2026-01-31T12:00:00Z", field=name) from None


def _csv(query: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in query.get(name, "").split(",") if part.strip())


def _is_open(statuses: Sequence[str]) -> bool | None:
    wanted = {each.lower() for each in statuses}
    if not wanted <= {"open", "closed"}:
        raise SchemaMismatch("open, closed or both", field="status")
    return None if len(wanted) != 1 else wanted == {"open"}


def _subject(description: str) -> str:
    first = _TITLE.sub("", description.split("\n", 1)[0]).strip()
    return first if len(first) <= MOST_SUBJECT else first[: MOST_SUBJECT - 1] + "…"


def _place(form: Form) -> dict[str, Given]:
    """A point, or words for a place; one of them is needed."""
    lat, lon = form.get("lat"), form.get("long")
    address, address_id = form.get("address_string"), form.get("address_id")
    if lat or lon:
        if not lat or not lon:
            raise SchemaMismatch("lat and long come together", field="long" if lat else "lat")
        point = {"location.lat": Given(lat, "lat"), "location.lon": Given(lon, "long")}
        return point | ({"location.address": Given(address, "address_string")} if address else {})
    if not address and not address_id:
        raise SchemaMismatch("give lat and long, address_string or address_id", field="lat")
    return {
        "fields.address": Given(_shorter(address, "address_string"), "address_string"),
        "fields.address_id": Given(_shorter(address_id, "address_id"), "address_id"),
    }


def _media(form: Form) -> tuple[Attachment, ...]:
    found = [url.strip() for url in form.all("media_url") if url.strip()]
    if len(found) > MOST_MEDIA:
        raise SchemaMismatch(f"at most {MOST_MEDIA}", field="media_url")
    for url in found:
        try:
            parts = urlsplit(url)
            is_fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and len(url) <= 2048  # noqa: PLR2004 # as Attachment.url
        except ValueError:
            is_fine = False
        if not is_fine or not url.isprintable():
            raise SchemaMismatch("expected an http address of at most 2048 characters", field="media_url")
    return tuple(Attachment(url=url) for url in found)


def _attributes(form: Form, service: ServiceSetting) -> dict[str, Given]:
    """Answers to the service's questions, and whatever else the client calls an attribute."""
    asked = {each.code: each for each in service.attributes}
    said: dict[str, list[str]] = {}
    for name, value in form.fields:
        found = _ATTRIBUTE.match(name)
        if found and value.strip():
            said.setdefault(found[1], []).append(value.strip())
    if len(said) > MOST_ATTRIBUTES:
        raise SchemaMismatch(f"at most {MOST_ATTRIBUTES}", field="attribute")
    for code, attribute in asked.items():
        _check(attribute, said.get(code, []))
    return {
        f"fields.{code}": Given(_shorter(", ".join(values), f"attribute[{code}]"), f"attribute[{code}]")
        for code, values in said.items()
    }


def _check(attribute: Attribute, values: Sequence[str]) -> None:
    where = f"attribute[{attribute.code}]"
    if attribute.required and not values:
        raise SchemaMismatch("required", field=where)
    if len(values) > 1 and attribute.datatype != "multivaluelist":
        raise SchemaMismatch("one value", field=where)
    known = {each.key for each in attribute.values}
    if attribute.datatype in {"singlevaluelist", "multivaluelist"} and not known.issuperset(values):
        raise SchemaMismatch("not one of the values", field=where)


def _shorter(text: str, field: str) -> str:
    if len(text) > MOST_LIST:
        raise SchemaMismatch(f"at most {MOST_LIST} characters", field=field)
    return text


def service_named(services: Services, code: str) -> ServiceSetting:
    """The service with a code.

    Raises:
        NotFound: there is none.
        SchemaMismatch: none is named.
    """
    if not code:
        raise SchemaMismatch("required", field="service_code")
    if code not in services:
        raise NotFound("no such service", field="service_code")
    return services[code]
