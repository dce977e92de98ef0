"""`[channels.open311]`: who may post, which services are offered, what is told."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from channels.catalogues import Lang

ServiceCode = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")]
Secret = Annotated[str, Meta(min_length=16, max_length=200)]
Line = Annotated[str, Meta(max_length=500)]


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One choice of a list."""

    key: Line
    name: Line


class Attribute(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One more question that a service asks."""

    code: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_]{1,60}$")]
    description: Line
    datatype: Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"] = "string"
    datatype_description: Line = ""
    required: bool = False
    values: tuple[Value, ...] = ()


class ServiceSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One service that residents may ask for."""

    code: ServiceCode
    topic: Annotated[str, Meta(min_length=1, max_length=60)]
    """Code from the city's topics."""
    name: Line = ""
    """Left out: the topic's name."""
    description: Line = ""
    group: Line = ""
    keywords: tuple[Line, ...] = ()
    attributes: tuple[Attribute, ...] = ()


class Open311Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All of it."""

    keys: dict[Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")], Secret]
    """Integration -> its api_key."""
    services: tuple[ServiceSetting, ...] = ()
    """Empty: every fault topic of the city, under its own code in plain letters."""
    jurisdiction_id: Line = ""
    """When it is set, another one is refused."""
    contact: Line = ""
    """Whom integrators may ask; shown in discovery."""
    language: Lang = "sv"
    reading: Literal["key", "anyone"] = "key"
    """Who may list how requests stand: each key its own, or anybody all of them. By its id anybody may read one."""
    extended_statuses: bool = True
    """Tell FixMyStreet's statuses in updates; otherwise open and closed alone."""
    publish_replies: bool = False
    """Whether an agent's answer is told with the last update. FixMyStreet shows updates to everybody."""
    notices_by_email: bool = False
    """Whether residents who gave an address are told by e-mail, too; the other side tells them by its updates."""
    max_body_bytes: Annotated[int, Meta(ge=4096)] = 32 * 1_048_576
