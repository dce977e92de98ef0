"""What an address that strangers call does first: the body within its cap, and whose address it is.

Owns the way from a request to bytes; decides nothing about what they say.
"""

from aiohttp import web

from router.errors import MalformedBody, TooLarge


async def body_of(request: web.Request, most: int) -> bytes:
    """The whole body, unpacked.

    Raises:
        TooLarge: it is larger than this address takes.
        MalformedBody: it ends before its end, or is not packed as it says.
    """
    if (request.content_length or 0) > most:
        raise TooLarge(f"at most {most} bytes", field="Content-Length")
    try:
        return await request.clone(client_max_size=most).read()
    except web.HTTPRequestEntityTooLarge:
        raise TooLarge(f"at most {most} bytes", field="$") from None
    except web.RequestPayloadError:
        raise MalformedBody("the body is cut off or badly packed", field="$") from None


def address_of(request: web.Request, proxies: int) -> str:
    """The caller's address, believing as many proxies in front as the operator says there are."""
    peer = request.remote or ""
    if not proxies:
        return peer
    said = [each.strip() for line in request.headers.getall("X-Forwarded-For", []) for each in line.split(",")]
    chain = [*said, peer]
    return chain[max(0, len(chain) - 1 - proxies)]
