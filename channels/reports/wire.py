"""The report form, as posted, to a draft, what is wrong with it, and a contact. Pure.

Owns the fields' names and limits. A draft survives every refusal: nobody types anything twice.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec

from channels.abuse import Sign, same
from channels.filling import EMAIL, Given, fill
from channels.form_body import Form
from channels.inbound import Attachment, InboundContact, Location, Scan
from channels.uploads import EXTENSIONS, MOST_FILES

MOST_TEXT = 5_000
MOST_LINE = 200
TELL_BY = ("none", "email", "sms")
HONEYPOT = "website"
PHOTO_PARTS = 5
NOT_SCANNED = "-"
_SCANS: Mapping[str, Scan] = {"clean": "clean", "unknown": "unknown"}
"""What a page carries on of a kept photo: an infected one gets none."""
_POINT = re.compile(r"^\s*(-?\d{1,2}[.,]\d{1,9})\s*°?\s*[Nn]?\s*[,;\s]\s*(-?\d{1,3}[.,]\d{1,9})\s*°?\s*[EeÖö]?\s*$")
_PHONE = re.compile(r"^\+?[\d\s()/-]{5,30}$")


class Draft(msgspec.Struct, frozen=True):
    """What stands in the form."""

    topic: str = ""
    text: str = ""
    address: str = ""
    position: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    tell_by: str = ""
    photos: tuple[Attachment, ...] = ()
    stamp: str = ""
    website: str = ""
    """The trap: people do not see it."""


class Fault(NamedTuple):
    """What is wrong: the field, and the key of its sentence."""

    field: str
    key: str


LINES = ("address", "position", "name", "email", "phone")
FIELDS = ("topic", "text", *LINES, "tell_by", "stamp", HONEYPOT)


def draft_of(form: Form, sign: Sign) -> Draft:
    """The form as it was sent; photos that were kept before are believed by their signature."""
    values = {name: form.get(name) for name in FIELDS}
    dropped = set(form.all("drop_photo"))
    kept = [photo for text in form.all("kept_photo") if (photo := _kept(text, sign)) and photo.blob not in dropped]
    return Draft(**values, photos=numbered(kept[:MOST_FILES]))


def numbered(photos: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """The photos under names of their own."""
    return tuple(
        msgspec.structs.replace(photo, name=f"file-{i}.{EXTENSIONS[photo.media_type]}")
        for i, photo in enumerate(photos, 1)
    )


def kept_field(photo: Attachment, sign: Sign) -> str:
    """A kept photo as a hidden field carries it to the next page."""
    parts = photo.blob, photo.media_type, str(photo.size_bytes), photo.scan or NOT_SCANNED
    return " ".join((*parts, sign("photo", *parts)))


def faults_of(draft: Draft, topics: Collection[str]) -> list[Fault]:
    """Everything that is wrong, in the order of the fields."""
    found = [
        Fault("topic", "fault-topic") if draft.topic not in topics else None,
        Fault("text", "fault-text") if not draft.text else None,
        Fault("text", "fault-text-long") if len(draft.text) > MOST_TEXT else None,
        Fault("address", "fault-place") if not (draft.address or draft.position) else None,
        Fault("position", "fault-position") if draft.position and point_of(draft) is None else None,
        Fault("email", "fault-email") if draft.email and not EMAIL.match(draft.email) else None,
        Fault("email", "fault-email-needed") if draft.tell_by == "email" and not draft.email else None,
        Fault("phone", "fault-phone") if draft.phone and not _PHONE.match(draft.phone) else None,
        Fault("phone", "fault-phone-needed") if draft.tell_by == "sms" and not draft.phone else None,
        Fault("tell_by", "fault-tell-by") if draft.tell_by not in TELL_BY else None,
        Fault(HONEYPOT, "fault-trap") if draft.website else None,
        *(Fault(name, "fault-line-long") if len(getattr(draft, name)) > MOST_LINE else None for name in LINES),
    ]
    return [each for each in found if each is not None]


def point_of(draft: Draft) -> Location | None:
    """The point of a draft: degrees with a point or a comma, north first."""
    found = _POINT.match(draft.position)
    if not found:
        return None
    lat, lon = (float(text.replace(",", ".")) for text in found.groups())
    return Location(lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None  # noqa: PLR2004 # as Location


def contact_of(draft: Draft, lang: str) -> InboundContact:
    """The contact that a draft without faults is."""
    point = point_of(draft)
    place = (
        {"location.lat": Given(point.lat, "position"), "location.lon": Given(point.lon, "position")}
        | {"location.address": Given(draft.address, "address")}
        if point
        else {"fields.address": Given(draft.address, "address")}
    )
    return fill(
        {
            "channel": Given("web", "$"),
            "topic": Given(draft.topic, "topic"),
            "text": Given(draft.text, "text"),
            "person.name": Given(draft.name, "name"),
            "person.email": Given(draft.email, "email"),
            "person.phone": Given(draft.phone, "phone"),
            "person.language": Given(lang, "lang"),
            "person.anonymous": Given(value=True if is_anonymous(draft) else None, field="name"),
            "attachments": Given(draft.photos, "photo"),
            "preferred_notice": Given(draft.tell_by, "tell_by"),
        }
        | place
    )


def is_anonymous(draft: Draft) -> bool:
    """Whether nothing is known of who reports."""
    return not (draft.name or draft.email or draft.phone)


def identity_of(draft: Draft) -> str:
    """What makes two posts the same: the same page with the same in it. A second click is no second report."""
    return hashlib.sha256(msgspec.json.encode(draft)).hexdigest()[:40]


def _kept(text: str, sign: Callable[..., str]) -> Attachment | None:
    parts = text.split(" ")
    if len(parts) != PHOTO_PARTS or not same(parts[-1], sign("photo", *parts[:-1])):
        return None
    blob, media_type, size, said = parts[:-1]
    return Attachment(media_type=media_type, size_bytes=int(size), blob=blob, scan=_SCANS.get(said, ""))
