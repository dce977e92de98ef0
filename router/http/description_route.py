"""One address of the service as a row of the description, and who its callers are. Only shapes."""

import msgspec

from router.errors import Forbidden, ServicecenterError, Unauthenticated
from router.http.auth import Role

Errors = tuple[type[ServicecenterError], ...]
READERS: tuple[Role, ...] = ("supervisor", "strategy_owner", "auditor", "integration")
EVERYONE: tuple[Role, ...] = ("agent", "supervisor", "strategy_owner", "department", "integration", "auditor")
UNITS: tuple[Role, ...] = ("department", "supervisor")
CALLER: Errors = (Unauthenticated, Forbidden)
PAGE = ("limit", "page")


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One operation."""

    method: str = "get"
    path: str
    name: str
    tag: str
    en: str
    sv: str
    text: str
    """More, in English."""
    text_sv: str
    roles: tuple[Role, ...] = ()
    """Empty: open to anybody."""
    query: tuple[str, ...] = ()
    body: type[msgspec.Struct] | None = None
    is_body_required: bool = True
    media: tuple[str, ...] = ()
    """Media types that the body may be sent as besides JSON."""
    has_if_match: bool = False
    has_etag: bool = False
    answer: type[msgspec.Struct] | str
    """The answer's struct, or a media type without a schema."""
    status: int = 200
    errors: Errors = ()
