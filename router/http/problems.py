"""Errors and bodies at the edge: every failure becomes an RFC 9457 problem, every answer is JSON made by msgspec."""

import re
from collections.abc import Awaitable, Callable, Mapping

import msgspec
import structlog
from aiohttp import web

from channels.door import come
from router.errors import (
    InputError,
    MalformedBody,
    MethodNotAllowed,
    NotFound,
    SchemaMismatch,
    ServicecenterError,
    TooLarge,
)
from router.pressure import refuse_nul

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PROBLEM = "application/problem+json"
_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger(__name__)
_PATH = re.compile(r"^(.*?)(?: - at `\$?(.*)`)?$", re.DOTALL)


def reply(data: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer."""
    return web.Response(body=_encode(data), status=status, content_type="application/json", headers=headers)


def refusal(error: ServicecenterError, instance: str) -> web.Response:
    """An error as its problem document."""
    headers = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s else None
    return web.Response(
        body=_encode(error.problem(instance)), status=error.status, content_type=PROBLEM, headers=headers
    )


def mismatch(error: msgspec.ValidationError, where: str = "$") -> SchemaMismatch:
    """What msgspec says, with the field's path from `where`."""
    found = _PATH.match(str(error))
    text, path = (found[1], found[2]) if found else (str(error), "")
    return SchemaMismatch(text, field=where + (path or ""))


async def body_of(request: web.Request) -> bytes:
    """The request's body, without U+0000 in it."""
    body = await come(request.read())
    refuse_nul(body)
    return body


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns whatever a handler raises into a problem; nothing leaves as a bare traceback."""
    try:
        if "\0" in request.path:
            return refusal(NotFound(), request.path)
        return await handler(request)
    except ConnectionResetError:
        raise
    except web.HTTPException as error:
        if error.status < 400:  # noqa: PLR2004 # a redirect is an answer
            raise
        return _of_server(error, request.path)
    except Exception as error:  # noqa: BLE001 # the last line: whatever breaks, the caller gets a problem and the log a name
        return refusal(_of_ours(error, request.path), request.path)


def _of_ours(error: Exception, path: str) -> ServicecenterError:
    match error:
        case ServicecenterError():
            return error
        case msgspec.ValidationError():
            return mismatch(error)
        case msgspec.DecodeError() | UnicodeDecodeError() | RecursionError():
            return MalformedBody("not JSON", field="$")
        case _:
            _log.error("request_failed", path=path, error=type(error).__name__, exc_info=True)
            return ServicecenterError()


_SERVER: Mapping[int, type[InputError]] = {404: NotFound, 405: MethodNotAllowed, 413: TooLarge}


def _of_server(error: web.HTTPException, path: str) -> web.Response:
    """What the web server itself refuses."""
    kind = _SERVER.get(error.status)
    response = refusal(kind() if kind else InputError(error.reason), path)
    if isinstance(error, web.HTTPMethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
    return response


def page_of(request: web.Request) -> tuple[int, int]:
    """`limit` (1 to 100, default 20) and `page` (from 1).

    Raises:
        SchemaMismatch: one of them is no number in its range.
    """
    return _number(request, "limit", 20, 1, 100), _number(request, "page", 1, 1, 1_000_000)


def _number(request: web.Request, name: str, default: int, low: int, high: int) -> int:
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit()) or not low <= int(text[:9]) <= high or len(text) > 9:  # noqa: PLR2004 # nine digits are more than any page
        raise SchemaMismatch(f"expected a number from {low} to {high}", field=f"?{name}")
    return int(text)
