"""`[channels.posted]`: each form, who may post it, and which of its fields becomes what of a contact."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from channels.posted.signatures import key_of
from channels.registry import CHANNELS
from router.errors import ConfigurationError

FormId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
Secret = Annotated[str, Meta(min_length=16, max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Address = Annotated[str, Meta(pattern=r"^https?://[^\s]+$", max_length=500)]

CONTACT_PATHS = frozenset(
    {
        "person.phone",
        "person.email",
        "person.party_id",
        "person.name",
        "person.language",
        "authority",
        "topic",
        "severity",
        "subject",
        "text",
        "location.lat",
        "location.lon",
        "location.address",
        "attachments",
        "thread",
        "in_reply_to",
        "preferred_notice",
    }
)
MESSAGE_PATHS = frozenset({"contact", "subject", "text", "attachments", "thread"})
_FIELD_PATH = re.compile(r"^fields\.[A-Za-z0-9_-]{1,60}$")


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where one thing comes from: a field of the form, or always the same."""

    field: Annotated[str, Meta(max_length=200)] = ""
    """The sender's name for it; in JSON a JSON pointer when it begins with `/`."""
    always: Annotated[str, Meta(max_length=2000)] = ""
    """Without `field`: this. With it: this where the field is empty."""
    values: dict[str, str] = {}
    """Their word -> ours; any other word is refused."""
    required: bool = False
    max_length: Annotated[int, Meta(ge=1, le=262_144)] = 262_144


class FormSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One form."""

    channel: Annotated[str, Meta(min_length=1, max_length=60)] = "web"
    """Any registered channel code: phone, chat, email, web, app, letter, visit."""
    says: Literal["contact", "message"] = "contact"
    """Whether a post is somebody getting in touch, or more of a contact that the map's `contact` names."""
    map: dict[str, Rule | Name]
    """What of the contact <- field name, or a whole rule."""
    id: Rule | str = ""
    """The field that is the same when the same thing is posted again."""
    source: Annotated[str, Meta(pattern=r"^(/[a-z0-9/-]{1,80})?$")] = ""
    """Forms of one source belong together; its own when it is left out."""
    rest: Literal["drop", "keep", "refuse"] = "drop"
    """What becomes of fields that the map does not name; kept ones stand in `fields`."""

    key: Secret | Literal[""] = ""
    """Bearer key of the system that posts."""
    secret: Annotated[str, Meta(pattern=r"^(whsec_[A-Za-z0-9+/=]{24,})?$")] = ""
    """Standard Webhooks secret of the system that posts."""
    origins: tuple[Address, ...] = ()
    """Web pages whose visitors may post it from their browser."""
    honeypot: Annotated[str, Meta(max_length=200)] = ""
    """A field that people do not see, and that must stay empty."""
    at_least_s: Annotated[float, Meta(ge=0, le=60)] = 0.0
    """Fastest that a person fills it in; above 0 the form carries a stamp in the field `stamp`."""
    burst: Annotated[int, Meta(ge=1)] = 5
    """Posts at once from one address, for browsers."""
    refill_s: Annotated[float, Meta(gt=0)] = 60.0
    """Seconds after which one more may come."""
    thanks: Address | Literal[""] = ""
    """Where a browser is sent afterwards."""
    sorry: Address | Literal[""] = ""
    """Where it is sent when the post is refused, with `problem` and `field` in the address."""
    answers: bool = False
    """Whether the system that posts may read how a contact stands and what was answered."""


class PostedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All forms."""

    forms: dict[FormId, FormSettings]
    max_body_bytes: Annotated[int, Meta(ge=1024)] = 1_048_576
    proxies: Annotated[int, Meta(ge=0, le=9)] = 0
    """How many proxies stand in front and add to `X-Forwarded-For`."""


def rules_of(form: FormSettings) -> Mapping[str, Rule]:
    """The map with every rule written out."""
    return {path: rule_of(rule) for path, rule in form.map.items()}


def rule_of(rule: Rule | str) -> Rule:
    """A rule from its short form."""
    return Rule(field=rule) if isinstance(rule, str) else rule


def source_of(form_id: str, form: FormSettings) -> str:
    """What contacts of the form are handed in under."""
    return form.source or f"/forms/{form_id}"


def check(settings: PostedSettings) -> None:
    """What types can't say.

    Raises:
        ConfigurationError: a form that can't work; the key is named.
    """
    for form_id, form in settings.forms.items():
        where = f"$.channels.posted.forms.{form_id}"
        _check_doors(form, where)
        paths = CONTACT_PATHS if form.says == "contact" else MESSAGE_PATHS
        for path, rule in rules_of(form).items():
            if path not in paths and not (form.says == "contact" and _FIELD_PATH.match(path)):
                raise ConfigurationError(f"known: {', '.join(sorted(paths))}, fields.*", field=f"{where}.map.{path}")
            if not rule.field and not rule.always:
                raise ConfigurationError("give field or always", field=f"{where}.map.{path}")


def _check_doors(form: FormSettings, where: str) -> None:
    if form.channel not in CHANNELS:
        raise ConfigurationError(f"known: {', '.join(sorted(CHANNELS))}", field=f"{where}.channel")
    if not (form.key or form.secret or form.origins):
        raise ConfigurationError("give key, secret or origins", field=where)
    if form.origins and (form.says == "message" or form.answers):
        raise ConfigurationError("not for anybody's browser", field=f"{where}.origins")
    if form.says == "message" and "contact" not in form.map:
        raise ConfigurationError("required", field=f"{where}.map.contact")
    if form.secret and key_of(form.secret) is None:
        raise ConfigurationError("not base64 behind whsec_", field=f"{where}.secret")
    for i, origin in enumerate(form.origins):
        parts = urlsplit(origin)
        if f"{parts.scheme}://{parts.netloc}" != origin:
            raise ConfigurationError("scheme and host alone, as browsers say it", field=f"{where}.origins[{i}]")
