"""Who calls: local bearer tokens, webhook signatures, roles. Secrets come in headers, never in a URL."""

import base64
import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from aiohttp import web
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from standardwebhooks.webhooks import Webhook

from router.clock import Clock
from router.errors import Forbidden, Unauthenticated

Role = Literal["agent", "supervisor", "strategy_owner", "department", "integration", "auditor"]
ROLES: tuple[Role, ...] = ("agent", "supervisor", "strategy_owner", "department", "integration", "auditor")
INTEGRATION_HEADER = "servicecenter-integration"
_ALGORITHM = "HS256"
_REMEMBERED = 10_000


class Caller(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who a token or signature speaks for."""

    role: Role
    name: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
    agent: str = ""
    unit: str = ""
    rights: tuple[str, ...] = ()
    """Integrations: `backdate`."""
    expires_s: int = 0
    """Epoch seconds; 0 never."""

    def may(self, *roles: Role) -> bool:
        """Whether the role is one of these."""
        return self.role in roles


class Tokens:
    """Makes and checks local tokens with the tenant's signing key."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._key = OctKey.import_key(hashlib.sha256(b"tokens" + secret).digest())
        self._secret = secret
        self._clock = clock
        self._known: OrderedDict[str, Caller] = OrderedDict()

    def create(self, caller: Caller) -> str:
        """A token for this caller."""
        claims = {key: value for key, value in msgspec.to_builtins(caller).items() if value}
        return jwt.encode({"alg": _ALGORITHM}, claims, self._key)

    def check(self, token: str) -> Caller:
        """The caller a token speaks for.

        Raises:
            Unauthenticated: it is not ours, damaged or expired.
        """
        caller = self._known.get(token)
        if caller is None:
            caller = self._known[token] = self._decode(token)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        if caller.expires_s and caller.expires_s * 1000 < self._clock.now_ms():
            raise Unauthenticated("the token has expired", field="Authorization")
        return caller

    def _decode(self, token: str) -> Caller:
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
            return msgspec.convert(claims, Caller)
        except (JoseError, ValueError, UnicodeError, msgspec.ValidationError):
            raise Unauthenticated("the token is not one of ours", field="Authorization") from None

    def webhook_secret(self, integration: str) -> str:
        """The signing secret of an integration, in Standard Webhooks form."""
        mac = hmac.digest(self._secret, b"webhook:" + integration.encode(), "sha256")
        return "whsec_" + base64.b64encode(mac).decode()

    def check_signature(self, headers: Mapping[str, str], body: bytes) -> Caller:
        """The integration whose Standard Webhooks signature the request carries.

        Raises:
            Unauthenticated: signature, time stamp or name do not hold.
        """
        name = headers.get(INTEGRATION_HEADER, "")
        try:
            caller = msgspec.convert({"role": "integration", "name": name}, Caller)
        except msgspec.ValidationError:
            raise Unauthenticated("name the integration that signs", field=INTEGRATION_HEADER) from None
        self._check_age(headers.get("webhook-timestamp", ""))
        try:
            Webhook(self.webhook_secret(name)).verify(body, dict(headers))
        except Exception:  # noqa: BLE001 # the library raises ValueError and UnicodeError for odd headers, too
            raise Unauthenticated("the signature does not hold", field="webhook-signature") from None
        return caller

    def _check_age(self, stamp: str) -> None:
        now_s = self._clock.now_ms() // 1000
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 13) or abs(int(stamp) - now_s) > 300:  # noqa: PLR2004 # five minutes, as the standard says
            raise Unauthenticated(f"must be within five minutes of {_utc(now_s)}", field="webhook-timestamp")


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def bearer(request: web.Request) -> str:
    """The token of the Authorization header, or ''."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def caller_of(request: web.Request, tokens: Tokens, *roles: Role) -> Caller:
    """The caller, if the role is allowed here.

    Raises:
        Unauthenticated: no token, or not ours.
        Forbidden: another role.
    """
    token = bearer(request)
    if not token:
        raise Unauthenticated("send `Authorization: Bearer <token>`", field="Authorization")
    caller = tokens.check(token)
    if not caller.may(*roles):
        raise Forbidden(f"needs the role {' or '.join(roles)}")
    return caller
