"""What both descriptions share: who answers for the API, its known limits, schemas with their fields' own words.

Builds documents from the code; never describes a shape by hand that a struct describes already.
"""

import ast
import inspect
import itertools
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, cast

import msgspec

from router import __version__
from router.config import DesktopConfig, HttpConfig
from router.errors import ServicecenterError
from router.http.public import is_instant
from router.store.keys import DAY_MS, EVENT_TTL_MS, TICKET_TTL_MS, TOMBSTONE_TTL_MS

Json = dict[str, object]
REF = "#/components/schemas/{name}"
PROBLEM_TYPE = "application/problem+json"
_ANY: Json = {"$comment": "any JSON"}


def info(title: str, text: str) -> Json:
    """The `info` object of a description."""
    return {
        "title": title,
        "version": __version__,
        "description": text,
        "contact": {"name": "The operator of this servicecenter", "url": "https://servicecenter.example.se/api"},
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        "termsOfService": "https://servicecenter.example.se/terms",
    }


def limits() -> Json:
    """Known limits with the defaults of the configuration."""
    http, desktop = HttpConfig(), DesktopConfig()
    return {
        "body_bytes": http.max_body_bytes,
        "batch_events": http.max_batch,
        "event_id_remembered_days": EVENT_TTL_MS // DAY_MS,
        "ended_before_received_s": TOMBSTONE_TTL_MS // 1000,
        "signature_tolerance_s": 300,
        "page_limit": 100,
        "ticket_s": TICKET_TTL_MS // 1000,
        "upload_bytes": desktop.upload_bytes,
        "frame_bytes": desktop.max_frame_bytes,
        "frames_per_s": desktop.commands_per_s,
        "frames_burst": desktop.command_burst,
        "resume_s": desktop.resume_ttl_s,
        "resume_bytes": desktop.ring_bytes,
        "unauthenticated_sockets_per_address": desktop.max_unauthenticated_per_address,
    }


def schemas(kinds: Iterable[type], *, is_public: bool = False) -> Json:
    """Components for these structs; `is_public` shows instants as text, as REST does."""
    known = list(dict.fromkeys(kinds))
    _, found = msgspec.json.schema_components(
        [_without_raw(kind) for kind in known], schema_hook=lambda _: _ANY, ref_template=REF
    )
    words = {kind.__name__: _field_words(kind) for kind in _structs(known)}
    plain = cast("dict[str, Json]", msgspec.json.decode(msgspec.json.encode(found)))
    return {name: _worded(schema, words.get(name, {}), is_public=is_public) for name, schema in sorted(plain.items())}


def ref(kind: type | str) -> Json:
    """Points at a component."""
    return {"$ref": REF.format(name=kind if isinstance(kind, str) else kind.__name__)}


def problem_example(error: type[ServicecenterError], instance: str = "") -> Json:
    """A problem document as the service would send it."""
    return cast("Json", msgspec.to_builtins(error().problem(instance)))


def _worded(schema: Json, words: Mapping[str, str], *, is_public: bool) -> Json:
    """The schema with its fields' sentences, and instants as text where they are shown so."""
    properties = cast("dict[str, Json]", schema.get("properties", {}))
    for name, field in properties.items():
        text = words.get(name, "")
        if is_public and is_instant(name) and "format" not in str(field):
            field.clear()
            field |= {"type": ["string", "null"], "format": "date-time"}
            text = re.sub(r"; 0 ", "; null ", re.sub(r"Epoch ms( of)?", r"Instant\1", text))
        if text:
            field["description"] = text
    return schema


def _without_raw(kind: type) -> type:
    """The struct, or its twin when a default is raw JSON, which has no place in a schema."""
    config = cast("type[msgspec.Struct]", kind).__struct_config__
    fields = msgspec.structs.fields(cast("type[msgspec.Struct]", kind))
    if not any(isinstance(field.default, msgspec.Raw) for field in fields):
        return kind
    twins: list[Any] = []
    for field in fields:
        if isinstance(field.default, msgspec.Raw):
            twins.append((field.name, msgspec.Raw | msgspec.UnsetType, msgspec.UNSET))
        else:
            twins.append((field.name, field.type) if field.required else (field.name, field.type, field.default))
    namespace = {"__doc__": kind.__doc__}
    return msgspec.defstruct(
        kind.__name__, twins, namespace=namespace, tag=config.tag, tag_field=config.tag_field,
        forbid_unknown_fields=config.forbid_unknown_fields,
    )  # fmt: skip


def _structs(kinds: Iterable[type]) -> set[type]:
    """These structs and every struct inside them."""
    found: set[type] = set()
    waiting: list[Any] = [msgspec.inspect.type_info(kind) for kind in kinds]
    while waiting:
        node = waiting.pop()
        if isinstance(node, msgspec.inspect.StructType):
            if node.cls in found:
                continue
            found.add(node.cls)
            waiting += [field.type for field in node.fields]
            continue
        for part in ("types", "item_types", "item_type", "key_type", "value_type"):
            inside = getattr(node, part, ())
            waiting += inside if isinstance(inside, tuple) else [inside]
    return found


def _field_words(kind: type) -> dict[str, str]:
    """Field -> the sentence that stands below it in the source; nothing where there is no source."""
    words: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if msgspec.inspect.is_struct_type(base) and base is not msgspec.Struct:
            words |= _sentences(_bodies(base.__module__).get(base.__qualname__, []))
    return words


@cache
def _bodies(module: str) -> dict[str, list[ast.stmt]]:
    """Class -> what stands in it, of a module that is read once for all its classes; empty without its source."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, TypeError):
        return {}
    return {node.name: node.body for node in tree.body if isinstance(node, ast.ClassDef)}


def _sentences(body: list[ast.stmt]) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, after in itertools.pairwise(body):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
            case _:
                pass
    return found
