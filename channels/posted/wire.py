"""A posted body by the map of its form to a contact or a message. Pure.

Every refusal names the sender's own field: a form's name, a JSON pointer.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from channels.filling import Given, fill
from channels.form_body import MOST_WORDS, File, parse
from channels.inbound import Attachment, InboundContact, InboundMessage
from channels.posted.settings import FormSettings, Rule, rule_of, rules_of
from router.errors import MalformedBody, SchemaMismatch, TooLarge

MOST_KEPT = 40
MOST_KEPT_TEXT = 2_000
MOST_LIST = 50
Scalar = str | int | float | bool
_any = msgspec.json.Decoder()


class Posted(NamedTuple):
    """A post, read but not yet understood."""

    fields: Mapping[str, object]
    """The sender's fields; of a form, each with one value or a list."""
    files: tuple[File, ...] = ()
    is_json: bool = False

    def value(self, name: str) -> object:
        """What stands in a field; None for nothing."""
        if self.is_json and name.startswith("/"):
            return _pointed(self.fields, name)
        return self.fields.get(name)

    def text(self, name: str) -> str:
        """What stands in a field, as text; '' for nothing."""
        found = scalar_of(self.value(name), name)
        return "" if found is None else str(found).strip()


def read(content_type: str, body: bytes) -> Posted:
    """The fields of a JSON object, or of a form.

    Raises:
        UnsupportedMediaType: neither JSON nor a form.
        MalformedBody: it is not what its type says.
        SchemaMismatch: JSON, but no object.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json")):
        return Posted(_object(body), (), is_json=True)
    form = parse(content_type, body)
    fields: dict[str, object] = {}
    for name, _ in form.fields:
        values = form.all(name)
        fields[name.removesuffix("[]")] = values[0] if len(values) == 1 else list(values)
    return Posted(fields, form.files)


def contact_of(posted: Posted, form: FormSettings, attachments: Sequence[Attachment]) -> InboundContact:
    """The contact that a post is.

    Raises:
        SchemaMismatch: a field is missing or wrong.
    """
    given = _mapped(posted, form)
    given["channel"] = Given(form.channel, "$")
    given["attachments"] = Given(tuple(attachments), _uploads_named(form))
    return fill(given | _rest(posted, form))


def message_of(posted: Posted, form: FormSettings, attachments: Sequence[Attachment]) -> InboundMessage:
    """The message that a post is.

    Raises:
        SchemaMismatch: a field is missing or wrong.
    """
    given = {path: str(value) for path, (value, _) in _mapped(posted, form).items() if value is not None}
    broken = [path for path, text in given.items() if "\0" in text]
    if broken:
        raise SchemaMismatch("U+0000 is not taken", field=rules_of(form)[broken[0]].field)
    contact = given.get("contact", "")
    if not contact:
        raise SchemaMismatch("required", field=rules_of(form)["contact"].field)
    _rest(posted, form)
    try:
        return msgspec.convert(given | {"attachments": tuple(attachments)}, InboundMessage)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `$.")
        rule = rules_of(form).get(where.rstrip("`"))
        raise SchemaMismatch(text, field=rule.field if rule else "$") from None


def id_of(posted: Posted, form: FormSettings) -> str:
    """What the map says is the same when the same thing is posted again; '' for nothing."""
    rule = rule_of(form.id)
    found = posted.text(rule.field) if rule.field else ""
    if len(found) > 200:  # noqa: PLR2004 # longer than any id
        raise SchemaMismatch("at most 200 characters", field=rule.field)
    return found


def files_of(posted: Posted, form: FormSettings) -> tuple[File, ...]:
    """The uploads that the map takes.

    Raises:
        SchemaMismatch: there is one that it does not name.
    """
    rule = rules_of(form).get("attachments")
    for file in posted.files:
        if rule is None or file.field.removesuffix("[]") != rule.field.removesuffix("[]"):
            raise SchemaMismatch("no file is taken here", field=file.field)
    return posted.files


def scalar_of(value: object, name: str) -> Scalar | None:
    """A plain value; several plain ones in one line.

    Raises:
        SchemaMismatch: it is an object, or holds one.
    """
    if value is None or isinstance(value, Scalar):
        return value
    if isinstance(value, list) and len(items := msgspec.convert(value, list[object])) <= MOST_LIST:
        plain = [each for each in items if isinstance(each, Scalar)]
        if len(plain) == len(items):
            return ", ".join(map(str, plain)) or None
    raise SchemaMismatch("expected a plain value, or a list of some", field=name)


def _mapped(posted: Posted, form: FormSettings) -> dict[str, Given]:
    found: dict[str, Given] = {}
    for path, rule in rules_of(form).items():
        if path == "attachments":
            if rule.required and not posted.files:
                raise SchemaMismatch("required", field=rule.field)
            continue
        value = _ruled(posted, rule)
        if not path.startswith("fields.") and value is not None:
            value = str(value)
        found[path] = Given(value, rule.field or "$")
    return found


def _ruled(posted: Posted, rule: Rule) -> Scalar | None:
    """What a rule makes of a post."""
    value = scalar_of(posted.value(rule.field), rule.field) if rule.field else None
    if isinstance(value, str):
        value = value.strip()
    if value in ("", None):
        if rule.required and not rule.always:
            raise SchemaMismatch("required", field=rule.field)
        return rule.always or None
    if isinstance(value, str) and len(value) > rule.max_length:
        raise SchemaMismatch(f"at most {rule.max_length} characters", field=rule.field)
    if rule.values:
        word = str(value)
        if word not in rule.values:
            raise SchemaMismatch(f"one of: {', '.join(rule.values)}", field=rule.field)
        return rule.values[word]
    return value


def _rest(posted: Posted, form: FormSettings) -> dict[str, Given]:
    """Fields that nobody asked for, as the form says."""
    if form.rest == "drop":
        return {}
    named = {_first(rule.field) for rule in (*rules_of(form).values(), rule_of(form.id))} | {form.honeypot, "stamp"}
    rest = [name for name in posted.fields if name not in named]
    if rest and form.rest == "refuse":
        raise SchemaMismatch("not a field of this form", field=rest[0])
    if len(rest) > MOST_KEPT:
        raise SchemaMismatch(f"at most {MOST_KEPT} more fields", field=rest[MOST_KEPT])
    kept: dict[str, Given] = {}
    for name in rest:
        value = scalar_of(posted.fields[name], name)
        if isinstance(value, str) and len(value) > MOST_KEPT_TEXT:
            raise SchemaMismatch(f"at most {MOST_KEPT_TEXT} characters", field=name)
        kept[f"fields.{name[:60]}"] = Given(value, name)
    return kept


def _first(field: str) -> str:
    """The outermost field that a pointer goes through."""
    return _unescaped(field.split("/")[1]) if field.startswith("/") else field


def _uploads_named(form: FormSettings) -> str:
    rule = rules_of(form).get("attachments")
    return rule.field if rule else "$"


def _object(body: bytes) -> Mapping[str, object]:
    if len(body) > MOST_WORDS:
        raise TooLarge(f"at most {MOST_WORDS} bytes of JSON", field="$")
    try:
        found = _any.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedBody("not JSON", field="$") from None
    if not isinstance(found, dict):
        raise SchemaMismatch("expected an object", field="$")
    return msgspec.convert(found, dict[str, object])


def _pointed(tree: object, pointer: str) -> object:
    """RFC 6901; None where it leads nowhere."""
    found = tree
    for part in pointer.split("/")[1:]:
        if isinstance(found, Mapping):
            found = msgspec.convert(found, dict[str, object]).get(_unescaped(part))
        elif isinstance(found, list) and part.isascii() and part.isdigit() and len(part) < 5:  # noqa: PLR2004 # far beyond any list
            items = msgspec.convert(found, list[object])
            found = items[int(part)] if int(part) < len(items) else None
        else:
            return None
    return found


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
