"""The two descriptions: valid, whole, equal to the files in the repository, and written as the REST API-profil asks."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from unittest.mock import AsyncMock

import pytest
from aiohttp import web
from jsonschema import Draft7Validator
from openapi_spec_validator import validate
from prometheus_client import CollectorRegistry

from router import errors
from router.desk.commands import COMMANDS
from router.desk.supervisor_commands import SUPERVISOR_COMMANDS
from router.http import frames
from router.http.addresses import routes
from router.http.asyncapi import asyncapi
from router.http.description_floor import ALARMS
from router.http.desktop_events import event_types
from router.http.openapi import openapi
from tests.http.service_client import Document, Json, hold_against
from tests.http.write_descriptions import DOCS, described

METHODS = {"get", "put", "post", "delete", "patch"}
NOT_OVER_REST = {
    "internal", "bad-request", "unknown-queue", "unknown-unit", "unknown-outcome", "unknown-command", "state-conflict",
    "offer-gone", "not-yours", "no-capacity", "unavailable", "configuration", "strategy",
    "too-many-requests", "method-not-allowed", "capture-forbidden", "handover-incomplete", "unknown-fact",
    "outcome-frozen",
}  # fmt: skip
"""Told on the desktop socket, at start, by any address (405, 500), or only named as a family."""
PAGED = {("get", "/v1/agents"), ("get", "/v1/handovers"), ("get", "/v1/strategies")}
PERSONNUMMER = re.compile(r"\b(?:\d{2})?\d{6}[-+]?\d{4}\b")


def operations() -> Iterator[tuple[str, str, Json]]:
    """Path, method and operation of everything described."""
    for path, item in cast("Json", openapi()["paths"]).items():
        for method in METHODS & item.keys():
            yield path, method, item[method]


def nodes(part: object, where: str = "") -> Iterator[tuple[str, Json]]:
    """Every object inside a document with its place."""
    if isinstance(part, dict):
        yield where, cast("Json", part)
        for key, value in cast("Json", part).items():
            yield from nodes(value, f"{where}/{key}")
    elif isinstance(part, list):
        for i, value in enumerate(cast("list[Any]", part)):
            yield from nodes(value, f"{where}/{i}")


def resolve(document: Json, pointer: str) -> object:
    """What a local reference points at."""
    found: Any = document
    for key in pointer.removeprefix("#/").split("/"):
        found = found[key.replace("~1", "/").replace("~0", "~")]
    return found


@pytest.mark.parametrize("name", ["openapi.json", "asyncapi.json"])
def test_the_files_are_what_is_served(name: str) -> None:
    """The files in `docs` are written by `python -m tests.http.write_descriptions`."""
    assert (DOCS / name).read_text(encoding="utf-8") == described()[name]


def test_openapi_is_valid() -> None:
    """OpenAPI 3.1 by an independent validator."""
    validate(cast("Json", openapi()))


def test_asyncapi_is_valid() -> None:
    """AsyncAPI 3.0.0 by the specification's own schema (Apache-2.0); a broken one is not."""
    packed = (Path(__file__).parent / "asyncapi-3.0.0.schema.json.gz").read_bytes()
    checker: Any = Draft7Validator(json.loads(gzip.decompress(packed)))
    assert not list(checker.iter_errors(cast("Json", asyncapi())))
    wrong: list[Json] = [{"asyncapi": "3"}, {"channels": 7}, {"operations": {"x": {"action": "shout"}}}]
    for broken in wrong:
        assert list(checker.iter_errors(cast("Json", asyncapi() | broken)))


@pytest.mark.parametrize("document", [openapi, asyncapi])
def test_every_reference_leads_somewhere(document: Document) -> None:
    """No `$ref` points at nothing, and every component is pointed at."""
    whole = document()
    refs = {part["$ref"] for _, part in nodes(whole) if isinstance(part.get("$ref"), str)}
    for pointer in refs:
        assert resolve(whole, pointer)
    for name in whole["components"]["schemas"]:
        assert f"#/components/schemas/{name}" in refs, name


def test_operations_of_the_socket_speak_known_messages() -> None:
    """Every operation names messages of its channel, every message belongs to an operation."""
    whole = cast("Json", asyncapi())
    known = {f"#/channels/desktop/messages/{name}" for name in whole["channels"]["desktop"]["messages"]}
    spoken: set[str] = set()
    for operation in whole["operations"].values():
        assert operation["channel"] == {"$ref": "#/channels/desktop"}
        spoken |= {each["$ref"] for each in [*operation["messages"], *operation.get("reply", {}).get("messages", [])]}
    assert spoken == known


def test_every_command_and_event_is_described() -> None:
    """The socket's tables and the description name the same, and each problem of a command is one of ours."""
    messages = cast("Json", cast("Json", asyncapi()["components"])["messages"])
    slugs = {error.slug for error in subclasses(errors.ServicecenterError)}
    for name in (*COMMANDS, *SUPERVISOR_COMMANDS):
        assert messages[f"cmd.{name}"]["examples"]
        assert set(messages[f"res.{name}"]["x-problems"]) <= slugs
    assert {name.removeprefix("ev.") for name in messages if name.startswith("ev.")} == {*event_types(), *ALARMS}


def test_every_close_code_is_described() -> None:
    """The codes of the socket stand in the table with what to do."""
    told = {each["code"] for each in cast("list[Json]", asyncapi()["x-close-codes"])}
    ours = {code for name, code in vars(frames).items() if name.startswith("CLOSE_") and name != "CLOSE_FORBIDDEN"}
    assert ours < told


def test_every_route_is_described() -> None:
    """The application and the description have the same addresses and methods."""
    pages: Any = AsyncMock()
    app = web.Application()
    app.add_routes(routes(pages, CollectorRegistry()))
    served = {
        (route.resource.canonical, route.method.lower())
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert served == {(path, method) for path, method, _ in operations()}


def test_every_problem_is_described_somewhere() -> None:
    """Each slug that can come over REST stands in the description of an address."""
    told = {
        slug
        for _, _, operation in operations()
        for response in operation["responses"].values()
        for slug in response.get("content", {}).get("application/problem+json", {}).get("examples", {})
    }
    rooms = {"router.errors", "router.http.events"}
    known = {error.slug for error in subclasses(errors.ServicecenterError) if error.__module__ in rooms}
    assert known - told <= NOT_OVER_REST
    assert told <= known


def subclasses(error: type[errors.ServicecenterError]) -> set[type[errors.ServicecenterError]]:
    """The error and everything below it."""
    return {error}.union(*(subclasses(below) for below in error.__subclasses__()))


def test_every_example_fits_its_schema() -> None:
    """Examples of requests, answers, problems and frames are valid by the schema beside them."""
    checked = 0
    for document in (openapi, asyncapi):
        for where, part in nodes(document()):
            schema = part.get("schema") or part.get("payload")
            if not isinstance(schema, dict):
                continue
            for example in examples_of(part):
                hold_against(document, cast("Json", schema), example)
                checked += 1
            assert where
    assert checked > 100


def examples_of(part: Json) -> list[Any]:
    """The values of all examples of a media type or message."""
    found = [part["example"]] if "example" in part else []
    several = part.get("examples", {})
    if isinstance(several, dict):
        return found + [each["value"] for each in cast("Json", several).values()]
    return found + [each["payload"] for each in several]


# REST API-profil ----------------------------------------------------------------------------------------------------


def test_paths_are_lower_case_with_hyphens() -> None:
    """UFN.08-09, RES.06, VER.05, VER.06: lower case, hyphens, version in the path, `api-info` at the root."""
    paths = list(cast("Json", openapi()["paths"]))
    for path in paths:
        assert re.fullmatch(r"(?:/(?:[a-z0-9-]+(?:\.json)?|\{[a-z]+\}))+", path), path
        assert path.startswith("/v1/") or path in {"/api-info", "/healthz", "/readyz", "/metrics"}
    assert "/api-info" in paths


def test_one_style_of_names() -> None:
    """AME.04-05: fields and parameters are snake_case; only `api-info` has the names that the profile gives it."""
    for where, part in nodes(openapi()["components"]):
        if where.startswith("/schemas/") and where.endswith("/properties") and "ApiInfo" not in where:
            assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in part), (where, list(part))
    for _, _, operation in operations():
        for parameter in operation.get("parameters", []):
            pattern = r"ce-[a-z]+|If-Match" if parameter["in"] == "header" else r"[a-z][a-z0-9_]*"
            assert re.fullmatch(pattern, parameter["name"])


def test_paging_is_called_limit_and_page() -> None:
    """FNS.03, FNS.07-09: optional, page from 1, 20 rows unless asked otherwise."""
    for path, method, operation in operations():
        query = {each["name"]: each for each in operation.get("parameters", []) if each["in"] == "query"}
        assert not any(each["required"] for each in query.values())
        assert ("limit" in query) == ("page" in query) == ((method, path) in PAGED)
        if query.keys() >= {"limit", "page"}:
            assert (query["limit"]["schema"]["default"], query["page"]["schema"]["minimum"]) == (20, 1)


def test_errors_are_problem_documents() -> None:
    """FEL.01-02, DOK.20: every error has a problem document and an example, and every operation a 500."""
    for path, _, operation in operations():
        for status, response in operation["responses"].items():
            if status >= "400" and path != "/readyz":
                assert list(response["content"]) == ["application/problem+json"]
                assert response["content"]["application/problem+json"]["examples"]
        assert "500" in operation["responses"]


def test_everything_is_said_in_two_languages() -> None:
    """DOK.03, .06, .08, .09, .15, .19: contact, licence, terms, limits, examples, English and Swedish everywhere."""
    whole = cast("Json", openapi())
    assert {"contact", "license", "termsOfService"} <= whole["info"].keys()
    assert whole["x-limits"]["body_bytes"] > 0
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    for _, method, operation in operations():
        assert operation["summary"]
        assert operation["x-summary-sv"]
        assert "På svenska" in operation["description"]
        assert method != "get" or "requestBody" not in operation
        for media in operation.get("requestBody", {}).get("content", {}).values():
            assert examples_of(media)


def test_secrets_come_in_headers_alone() -> None:
    """SAK.09, .10, .15-16, RES.02: bearer or signature headers, no key in an address, no personnummer anywhere."""
    schemes = cast("Json", cast("Json", openapi()["components"])["securitySchemes"])
    assert all(each.get("scheme") == "bearer" or each.get("in") == "header" for each in schemes.values())
    texts = re.findall(r'"[^"]*"', json.dumps([openapi(), asyncapi()]))
    assert not [text for text in texts if PERSONNUMMER.search(text) and "+467017406" not in text]


def test_instants_are_rfc_3339() -> None:
    """DOT.01: whatever REST shows as an instant is text with format date-time."""
    for where, part in nodes(openapi()["components"]):
        if re.search(r"/properties/\w+_(?:at|by)$", where) and "InboundContact" not in where:
            assert part["format"] == "date-time", where
