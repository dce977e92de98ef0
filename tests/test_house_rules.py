"""The rules of the house, checked: sizes, sentences, words, doors to time, Lua headers, what operators are given."""

import ast
import itertools
import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram

from router.lifecycle import MACHINES, moves
from router.telemetry import NAMESPACE, SHARED, Metrics

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for room in ("router", "channels", "rules") for path in (ROOT / room).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LUA = sorted((ROOT / "router/store/lua").rglob("*.lua"))
COMMANDS = [path for path in LUA if path.parent.name != "lib"]
DEPLOY = sorted(path for path in (ROOT / "deploy").rglob("*") if path.suffix in {".json", ".yml", ".yaml"})

MAX_SOURCE, MAX_TEST, MAX_LUA, MAX_FUNCTION = 400, 500, 100, 40
EMPTY_NAMES = re.compile(r"(?:^|_)(?:utils?|helpers?|managers?|common|misc)(?:_|$)")
BANNED_WORDS = frozenset({"feedback"})
"""Two meanings: what a resident thinks of the city, and what the city owes the resident (`closure_notice`)."""
HEADER = re.compile(r"^-- (keys|args|rest|moves|replies|include):(.*)$")
HOSTS = re.compile(
    r"\b(?:(?:files\.)?python" r"hosted\.org|(?:test\.)?py" r"pi\.org|registry\.np" r"mjs\.org|proxy\.go" r"lang\.org"
    r"|crates" r"\.io|deb\.deb" r"ian\.org|(?:registry-1\.|index\.)?dock" r"er\.io|gh" r"cr\.io|rubyge" r"ms\.org)\b"
)  # fmt: skip
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:wo" r"rk|ro" r"ot|ho" r"me|Us" r"ers|mn" r"t)/[\w.-]")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    """The path as a test shows it."""
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions_of(path: Path) -> Iterator[Function]:
    """Every function and method of a file."""
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, Function))


def length_of(function: Function) -> int:
    """Lines of a function without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def identifiers_of(path: Path) -> Iterator[str]:
    """Every name that a file gives to something, and every string that is one bare word."""
    for node in ast.walk(tree_of(path)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.ClassDef(name=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.alias(name=name):
                yield name
            case ast.keyword(arg=str(name)) | ast.Constant(value=str(name)):
                yield name
            case _:
                pass


def imports_of(path: Path) -> Iterator[str]:
    """Dotted names that a file imports, `time.sleep` for `from time import sleep`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def snake(name: str) -> str:
    """`WorkManager` as `work_manager`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@cache
def files_of_the_project() -> list[Path]:
    """Every text file that is, or would be, under version control."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = {ROOT / name for name in listed.split("\0") if name}
    return sorted(path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:4096])


def test_there_is_something_to_check() -> None:
    """The lists that the other rules walk are not empty."""
    assert all((SOURCES, TESTS, COMMANDS, DEPLOY))


def test_every_test_file_has_a_name_of_its_own() -> None:
    """Two files of one name can't be collected together."""
    names = sorted(path.name for path in TESTS if path.name.startswith("test_"))
    assert [name for name, following in itertools.pairwise(names) if name == following] == []


@pytest.mark.parametrize("path", [*SOURCES, *TESTS, *LUA], ids=name_of)
def test_no_file_is_too_long(path: Path) -> None:
    """A file fits in a reader's head: 400 lines of source, 500 of tests, 100 of Lua."""
    limit = MAX_LUA if path.suffix == ".lua" else MAX_TEST if path in TESTS else MAX_SOURCE
    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=name_of)
def test_no_function_is_too_long(path: Path) -> None:
    """A function is at most 40 lines, its docstring not counted."""
    assert not {node.name: length for node in functions_of(path) if (length := length_of(node)) > MAX_FUNCTION}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_module_says_what_it_owns(path: Path) -> None:
    """A module begins with what it owns and must never do; an empty `__init__.py` owns nothing."""
    assert ast.get_docstring(tree_of(path)) or not tree_of(path).body


@pytest.mark.parametrize("path", TESTS, ids=name_of)
def test_every_test_says_what_it_proves(path: Path) -> None:
    """A test carries the sentence that it proves."""
    tests = [node for node in functions_of(path) if node.name.startswith("test_")]
    assert not [node.name for node in tests if not (ast.get_docstring(node) or "").rstrip().endswith(".")]


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=name_of)
def test_no_name_says_nothing(path: Path) -> None:
    """No module or class is called what anything could be called."""
    classes = [node.name for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)]
    assert not [name for name in [path.stem, path.parent.name, *classes] if EMPTY_NAMES.search(snake(name))]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_banned_word_is_a_name(path: Path) -> None:
    """A word with two meanings in this trade names nothing."""
    assert BANNED_WORDS.isdisjoint(identifiers_of(path))


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=name_of)
def test_only_the_clock_reads_time(path: Path) -> None:
    """Time comes from `router.clock` alone, so that every decision can be replayed."""
    if name_of(path) == "router/clock.py":
        return
    assert not [name for name in imports_of(path) if name.split(".")[0] == "time"]
    reads = {"now", "utcnow", "today"}
    calls = [node.func for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    assert not [
        f"{call.value.id}.{call.attr}"
        for call in calls
        if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name)
        if call.attr in reads and call.value.id in {"datetime", "date", "dt"}
    ]


@pytest.mark.parametrize("path", TESTS, ids=name_of)
def test_no_test_sleeps(path: Path) -> None:
    """A test waits for what happens, never for time to pass."""
    assert not {"asyncio.sleep", "time.sleep"} & set(imports_of(path))
    assert not [
        node.lineno
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sleep"
    ]


@pytest.mark.parametrize("path", LUA, ids=name_of)
def test_lua_begins_with_a_sentence(path: Path) -> None:
    """Every Lua file says first, in words, what it does; its keys are given to it, never built."""
    text = path.read_text(encoding="utf-8")
    first = text.splitlines()[0]
    assert first.startswith("-- ")
    assert not HEADER.match(first)
    assert not re.search(r"['\"]\{t:", text)


@pytest.mark.parametrize("path", COMMANDS, ids=name_of)
def test_lua_headers_are_whole_and_true(path: Path) -> None:
    """A command names its keys, arguments, moves and replies, and no move that the tables lack."""
    header: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("--"):
            break
        if found := HEADER.match(line):
            assert found[1] not in header
            header[found[1]] = found[2].strip()
    assert {"keys", "args", "moves", "replies"} <= set(header)
    assert header["keys"]
    assert header["replies"]
    for word in header["moves"].split():
        machine, _, event = word.partition(".")
        assert machine in MACHINES
        assert moves(machine, event)
    for part in header.get("include", "").split():
        assert (path.parent / "lib" / f"{part}.lua").is_file()


def test_no_file_names_a_registry_or_a_machine() -> None:
    """Where packages come from and where somebody's disk is are settings of a machine, not of the project."""
    found = {
        f"{name_of(path)}: {match[0]}"
        for path in files_of_the_project()
        for pattern in (HOSTS, MACHINE_PATHS)
        if (match := pattern.search(path.read_text(encoding="utf-8", errors="replace")))
    }
    assert not found


def exported_names() -> set[str]:
    """Every series name that the service can export."""
    names = {f"{NAMESPACE}_{name}" for name in SHARED}
    for name, metric in vars(Metrics(CollectorRegistry())).items():
        full = f"{NAMESPACE}_{name}"
        if isinstance(metric, Histogram):
            names |= {f"{full}_bucket", f"{full}_count", f"{full}_sum"}
        else:
            names.add(f"{full}_total" if isinstance(metric, Counter) else full)
    return names | {f"{NAMESPACE}_build_info"}


def expressions_in(value: object) -> Iterator[str]:
    """Every PromQL expression of a dashboard."""
    if isinstance(value, list):
        for part in value:  # pyright: ignore[reportUnknownVariableType] - JSON
            yield from expressions_in(part)  # pyright: ignore[reportUnknownArgumentType] - JSON
    elif isinstance(value, dict):
        for key, part in value.items():  # pyright: ignore[reportUnknownVariableType] - JSON
            if key in {"expr", "query"} and isinstance(part, str):
                yield part
            yield from expressions_in(part)  # pyright: ignore[reportUnknownArgumentType] - JSON


@pytest.mark.parametrize("path", DEPLOY, ids=name_of)
def test_dashboards_and_alerts_ask_for_metrics_that_exist(path: Path) -> None:
    """Every metric that a dashboard, an alert or a scrape file names is exported by the service."""
    asked = set(re.findall(rf"\b{NAMESPACE}_[a-z_]+", path.read_text(encoding="utf-8")))
    assert asked <= exported_names()


@pytest.mark.parametrize("path", [path for path in DEPLOY if path.suffix == ".json"], ids=name_of)
def test_dashboards_group_by_labels_that_exist(path: Path) -> None:
    """Every label that a dashboard groups or filters by is one of the metric's, or Prometheus' own."""
    metrics = vars(Metrics(CollectorRegistry()))
    labels = {f"{NAMESPACE}_{name}": set(gauge.labels) for name, gauge in SHARED.items()}
    labels |= {f"{NAMESPACE}_{name}": set(getattr(metric, "_labelnames", ())) for name, metric in metrics.items()}
    expressions = list(expressions_in(json.loads(path.read_text(encoding="utf-8"))))
    assert len(expressions) > 10
    for expression in expressions:
        names = re.findall(rf"\b{NAMESPACE}_[a-z_]+", expression)
        known = {"le", "instance", "job"}.union(*(labels.get(_base(name), set()) for name in names))
        used = {word.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for word in group.split(",")}
        used |= {
            word for group in re.findall(r"\{([^}]*)\}", expression) for word in re.findall(r"(\w+)\s*[=!]", group)
        }
        assert used <= known, expression


def _base(series: str) -> str:
    return re.sub(r"_(?:total|bucket|count|sum)$", "", series)
