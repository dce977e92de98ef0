"""The catalogue of words: whole, alike in every language, and no sentence in it that nobody says."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import cast

import pytest
from fluent.syntax import ast as fluent
from fluent.syntax import parse

from rules.words import LANGS, Lang, MissingWordError, Words, catalogue, words_of
from tests.rules.word_families import ROOT, families

SOURCES = [
    path
    for room in ("rules", "router")
    for path in sorted((ROOT / room).rglob("*.py"))
    if "rules.words" in path.read_text(encoding="utf-8") or path.parent.name == "words"
]
"""The files that have to do with this catalogue."""


@cache
def messages(lang: Lang) -> dict[str, fluent.Message]:
    """Every sentence of a language, parsed."""
    found: dict[str, fluent.Message] = {}
    for entry in parse(catalogue(lang)).body:
        assert not isinstance(entry, fluent.Junk), entry.content
        if isinstance(entry, fluent.Message):
            assert entry.id.name not in found, f"{entry.id.name} stands twice"
            found[entry.id.name] = entry
    return found


def arguments(node: object) -> Iterator[str]:
    """Every argument that a sentence takes."""
    if isinstance(node, fluent.VariableReference):
        yield node.id.name
    elif isinstance(node, fluent.BaseNode):
        for part in vars(node).values():
            yield from arguments(part)
    elif isinstance(node, list):
        for part in cast("list[object]", node):
            yield from arguments(part)


def literals(path: Path) -> Iterator[str]:
    """Every string of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def said(path: Path) -> Iterator[str]:
    """Every key that a file says as it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0]
        if name == "say" and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def in_families() -> set[str]:
    """Every key that some code may ask for."""
    return {f"{family}-{code}" for family, codes in families().items() for code in codes}


@pytest.mark.parametrize("lang", LANGS)
def test_every_code_has_its_word(lang: Lang) -> None:
    """Facts, values, reasons, notices, advice: what the code and the city can say, the catalogue has a word for."""
    assert not in_families() - messages(lang).keys()


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_is_said_that_is_not_there(lang: Lang) -> None:
    """Every key that the code says stands in the catalogue."""
    assert not {key for path in SOURCES for key in said(path)} - messages(lang).keys()


def test_every_sentence_is_used() -> None:
    """No sentence stands in the catalogue that no code can say."""
    used = in_families() | {text for path in SOURCES for text in literals(path)}
    assert not messages("sv").keys() - used


def test_the_languages_are_alike() -> None:
    """The same keys with the same arguments, in the same order, so that a reader of both finds their way."""
    sv, en = messages("sv"), messages("en")
    assert list(sv) == list(en)
    assert {key: {*arguments(sv[key])} for key in sv} == {key: {*arguments(en[key])} for key in en}


@pytest.mark.parametrize("lang", LANGS)
def test_a_sentence_that_is_missing_is_a_mistake(lang: Lang) -> None:
    """A key or an argument that is not there is refused, never shown as a hole in a sentence."""
    words = words_of(lang)
    for wrong in (lambda: words.say("no-such-sentence"), lambda: words.say("list-and", start="a")):
        with pytest.raises(MissingWordError):
            wrong()


def test_what_is_not_ours_is_shown_as_it_is() -> None:
    """A code without a word stands in quotes, on one line and no longer than a line."""
    words = words_of("sv")
    assert words.word("suggest", "dance:tango") == "”dance:tango”"
    assert words.language_name("fi") == "finska"
    assert words.language_name("x\ny") == "”x y”"
    assert len(words.quoted("å" * 5_000)) < 100


def test_lists_read_as_lists() -> None:
    """None, one, two and three parts."""
    words: Words = words_of("sv")
    assert [words.together(["a", "b", "c"][:n]) for n in range(4)] == ["", "a", "a och b", "a, b och c"]
    assert words.together(["a", "b"], "or") == "a eller b"
