"""`/v1/openapi.json`: the REST interface as OpenAPI 3.1, assembled from the table of routes and the structs."""

from functools import cache
from http import HTTPStatus
from typing import cast

import msgspec

from channels.cloudevents.wire import BATCH, STRUCTURED, TYPE_PREFIX, CloudEvent
from channels.form_body import MULTIPART
from channels.inbound import InboundContact, InboundEnd, InboundMessage, InboundProgress
from router.config import HttpConfig
from router.errors import Problem, ServicecenterError
from router.http import description_examples as examples
from router.http import description_strategies as strategies
from router.http.auth import INTEGRATION_HEADER
from router.http.description import PROBLEM_TYPE, Json, info, limits, problem_example, ref, schemas
from router.http.description_routes import ROUTES as OTHER_ROUTES
from router.http.description_routes import Route
from router.http.description_start import REST_START
from router.http.events import BatchRefused, Refusals
from router.http.handover_pages import HandoverStateName

JSON = "application/json"
ROUTES = (*OTHER_ROUTES, *strategies.ROUTES)
BODIES = {**examples.BODIES, **strategies.BODIES}
ANSWERS = {**examples.ANSWERS, **strategies.ANSWERS}
EVENT_DATA = {
    "contact.received": InboundContact,
    "contact.message": InboundMessage,
    "contact.ended": InboundEnd,
    "contact.observed": InboundContact,
    "case.updated": InboundProgress,
    "delivery.updated": InboundProgress,
}
_SIGNED = ("webhookId", "webhookTimestamp", "webhookSignature", "integration")
_CE = {
    "ce-specversion": "Binary mode: `1.0`.",
    "ce-id": "Binary mode: the event's id.",
    "ce-source": "Binary mode: who sends.",
    "ce-type": "Binary mode: the event's type.",
    "ce-subject": "Binary mode: your own name of the conversation; percent-encoded beyond ASCII.",
    "ce-time": "Binary mode: RFC 3339; not used for anything.",
}
_TAGS = {
    "events": "Contacts and what happens to them, as channels tell. / Kontakter och händelser från kanalerna.",
    "contacts": "What is and what has been. / Det som är och det som varit.",
    "handovers": "The units' side of the contract. / Enheternas sida av överlämningen.",
    "floor": "Queues and agents. / Köer och handläggare.",
    "desktop": "The way to the agents' websocket. / Vägen till handläggarnas anslutning.",
    "figures": "The 80 % figure. / 80-procentsmåttet.",
    "strategies": "Versions of the channel strategy, from draft to service. / Kanalstrategins versioner.",
    "city": "What the city has configured. / Det som staden har ställt in.",
    "service": "About the service itself. / Om tjänsten själv.",
}


@cache
def openapi() -> Json:
    """The document. Built once; treat it as constant."""
    document = info("servicecenter REST", REST_START)
    return {
        "openapi": "3.1.0",
        "info": document | {"summary": "Contacts in, work to agents and units, figures out"},
        "servers": [{"url": "/", "description": "Where this document was read; https in production"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "externalDocs": {"url": "/v1/asyncapi.json", "description": "The agents' websocket (AsyncAPI)"},
        "x-limits": limits(),
        "paths": _paths(),
        "components": {"schemas": _components(), "securitySchemes": _security_schemes()},
    }


def _paths() -> Json:
    paths: dict[str, Json] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = _operation(route)
    return cast("Json", paths)


def _operation(route: Route) -> Json:
    operation: Json = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": route.en,
        "x-summary-sv": route.sv,
        "description": f"{route.text}\n\n*På svenska:* {route.text_sv}",
        "security": _security(route),
        "responses": _responses(route),
    }
    if route.roles:
        operation["x-roles"] = list(route.roles)
    if parameters := _parameters(route):
        operation["parameters"] = parameters
    if route.name == "postEvents":
        operation["requestBody"] = _events_body()
    elif route.name == "addAttachment":
        operation["requestBody"] = _file_body()
    elif route.body is not None:
        content: Json = {JSON: {"schema": ref(route.body), "example": BODIES[route.body.__name__]}}
        content |= {media: {"schema": {"type": "string"}, "example": strategies.TEXT} for media in route.media}
        operation["requestBody"] = {"required": route.is_body_required, "content": content}
    return operation


def _security(route: Route) -> list[Json]:
    """Bearer where roles are asked for; events may be signed instead. An empty list is open to anybody."""
    if not route.roles:
        return []
    bearer: list[Json] = [{"bearer": []}]
    return [*bearer, {name: [] for name in _SIGNED}] if route.name == "postEvents" else bearer


def _parameters(route: Route) -> list[Json]:
    texts = {"id": "Id from an answer or an event.", "blob": "Name of the file, from the card."}
    found: list[Json] = [_parameter("path", name, text) for name, text in texts.items() if f"{{{name}}}" in route.path]
    found += [{"name": name, "in": "query", "required": False, **_QUERY[name]} for name in route.query]
    if route.has_if_match:
        found.append(_parameter("header", "If-Match", "ETag of the version that you have seen.", is_required=True))
    if route.name == "postEvents":
        found += [_parameter("header", name, text) for name, text in _CE.items()]
    return found


def _parameter(where: str, name: str, text: str, *, is_required: bool = False) -> Json:
    is_required = is_required or where == "path"
    return {"name": name, "in": where, "required": is_required, "schema": {"type": "string"}, "description": text}


_QUERY: dict[str, Json] = {
    "limit": {
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
        "description": "Rows on a page.",
    },
    "page": {"schema": {"type": "integer", "minimum": 1, "maximum": 1_000_000, "default": 1}, "description": "From 1."},
    "lang": {
        "schema": {"type": "string", "enum": ["sv", "en"]},
        "description": "Language of the sentences; default that of Accept-Language, else Swedish.",
    },
    "from": {
        "schema": {"type": "string"},
        "description": "A date or an RFC 3339 instant; default 30 days ago.",
        "example": "2026-10-01",
    },
    "to": {
        "schema": {"type": "string"},
        "description": "A date (that day included) or an instant (not included); default now.",
        "example": "2026-10-31",
    },
    "unit": {"schema": {"type": "string"}, "description": "A unit's code; ignored for a department's token."},
    "state": {
        "schema": {"type": "string", "enum": list(HandoverStateName.__args__)},
        "description": "Where the handovers stand.",
    },
    "reason": {"schema": {"type": "string", "maxLength": 200}, "description": "Why, for the journal."},
}


def _responses(route: Route) -> Json:
    responses: Json = {str(route.status): _answer(route)}
    by_status: dict[int, list[type[ServicecenterError]]] = {}
    for error in (*route.errors, ServicecenterError):
        by_status.setdefault(error.status, []).append(error)
    for status, errors in sorted(by_status.items()):
        responses[str(status)] = _problems(status, errors, route.path)
    if route.name == "getReadiness":
        responses["503"] = _answer(route)
    return responses


def _answer(route: Route) -> Json:
    described: Json = {"description": HTTPStatus(route.status).phrase}
    if route.has_etag:
        tag: Json = {"schema": {"type": "string"}, "description": "Send it as `If-Match` with the next change."}
        described["headers"] = {"ETag": tag}
    if route.answer == "websocket":
        return described
    if isinstance(route.answer, str):
        schema: Json = {"type": "object"} if route.answer == JSON else {"type": "string"}
        return described | {"content": {route.answer: {"schema": schema}}}
    content: Json = {"schema": ref(route.answer), "example": ANSWERS[route.name]}
    return described | {"content": {JSON: content}}


def _problems(status: int, errors: list[type[ServicecenterError]], path: str) -> Json:
    """The problems of one status, an example for each slug."""
    told = {error.slug: {"summary": error.title(), "value": problem_example(error, path)} for error in errors}
    response: Json = {
        "description": f"{HTTPStatus(status).phrase}: " + ", ".join(f"`{slug}`" for slug in told),
        "content": {PROBLEM_TYPE: {"schema": ref(Refusals if BatchRefused in errors else Problem), "examples": told}},
    }
    if any(error.retry_after_s for error in errors):
        seconds: Json = {"schema": {"type": "integer"}, "description": "Seconds to wait before trying again."}
        response["headers"] = {"Retry-After": seconds}
    return response


def _events_body() -> Json:
    events = {"oneOf": [ref(_event_name(kind)) for kind in EVENT_DATA]}
    data = {"anyOf": [ref(kind) for kind in dict.fromkeys(EVENT_DATA.values())]}
    many = {"type": "array", "items": events, "maxItems": HttpConfig().max_batch}
    return {
        "required": True,
        "content": {
            STRUCTURED: {"schema": events, "examples": dict(examples.EVENTS)},
            BATCH: {"schema": many, "examples": dict(examples.BATCH)},
            JSON: {"schema": data, "examples": dict(examples.BINARY)},
        },
    }


def _file_body() -> Json:
    schema: Json = {
        "type": "object",
        "required": ["file"],
        "additionalProperties": False,
        "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream"}},
    }
    return {"required": True, "content": {MULTIPART: {"schema": schema, "example": {"file": "%PDF-1.7 …"}}}}


def _event_name(kind: str) -> str:
    return "Event." + kind


def _components() -> Json:
    given: set[type] = {CloudEvent, Problem, Refusals, *EVENT_DATA.values()}
    given |= {route.body for route in ROUTES if route.body is not None}
    shown = [route.answer for route in ROUTES if not isinstance(route.answer, str)]
    events: Json = {_event_name(kind): _event(kind, data) for kind, data in EVENT_DATA.items()}
    return schemas(shown, is_public=True) | schemas(sorted(given, key=lambda kind: kind.__name__)) | events


def _event(kind: str, data: type[msgspec.Struct]) -> Json:
    """The envelope with the data of one type."""
    return {
        "title": TYPE_PREFIX + kind,
        "description": (data.__doc__ or "").strip().split("\n")[0],
        "allOf": [ref(CloudEvent)],
        "properties": {"type": {"const": TYPE_PREFIX + kind}, "data": ref(data)},
        "anyOf": [{"required": ["data"]}, {"required": ["data_base64"]}],
    }


def _security_schemes() -> Json:
    signed = {
        "webhookId": ("webhook-id", "Unique for each event and the same when it is sent again."),
        "webhookTimestamp": ("webhook-timestamp", "Unix seconds, within five minutes of the service's clock."),
        "webhookSignature": ("webhook-signature", "`v1,` and base64 of HMAC-SHA256 over `<id>.<timestamp>.<body>`."),
        "integration": (INTEGRATION_HEADER, "Name of the integration that signs."),
    }
    bearer = {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "From `servicecenter token create`. / Från `servicecenter token create`.",
    }
    keys = {
        name: {"type": "apiKey", "in": "header", "name": header, "description": text}
        for name, (header, text) in signed.items()
    }
    return {"bearer": bearer, **keys}
