"""Standard Webhooks: whether a post was signed with a secret, and lately. Pure.

Symmetric signatures (`v1`) alone; other kinds beside them are let by, as the standard wants it when keys change.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from router.errors import Unauthenticated

TOLERANCE_S = 300
MOST_SIGNATURES = 10
MOST_ID = 200


def key_of(secret: str) -> bytes | None:
    """The key's bytes; None when it is no secret of the standard."""
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def check_signature(headers: Mapping[str, str], body: bytes, secret: str, now_ms: int) -> str:
    """The message's id, when the signature holds over exactly these bytes. Header names in any case.

    Raises:
        Unauthenticated: a header is missing or wrong, the time is off, or no signature holds.
    """
    name = headers.get("webhook-id", "")
    if not name or len(name) > MOST_ID or "." in name:
        raise Unauthenticated("required, without a point in it", field="webhook-id")
    stamp = headers.get("webhook-timestamp", "")
    is_number = stamp.isascii() and stamp.isdigit() and len(stamp) < 13  # noqa: PLR2004 # seconds have ten digits
    if not is_number or abs(int(stamp) - now_ms // 1000) > TOLERANCE_S:
        raise Unauthenticated("must be within five minutes of now", field="webhook-timestamp")
    key = key_of(secret)
    signed = f"{name}.{stamp}.".encode(errors="replace") + body
    ours = hmac.new(key, signed, hashlib.sha256).digest() if key else b""
    given = headers.get("webhook-signature", "").split(" ", MOST_SIGNATURES)[:MOST_SIGNATURES]
    if not key or not any(_holds(each, ours) for each in given):
        raise Unauthenticated("the signature does not hold", field="webhook-signature")
    return name


def _holds(given: str, ours: bytes) -> bool:
    version, _, text = given.partition(",")
    try:
        theirs = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        theirs = b""
    return hmac.compare_digest(theirs, ours) and version == "v1"
