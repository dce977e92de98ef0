"""The Lua commands: headers that fit, moves from the tables, keys from the caller, time as an argument."""

import re
from importlib.resources import files

import pytest

from router.lifecycle import MACHINES, moves
from router.store.scripts import HeaderError, Script, build, load_scripts, read_header

FOLDER = files("router.store") / "lua"
SOURCES = {item.name[:-4]: item.read_text() for item in FOLDER.iterdir() if item.name.endswith(".lua")}
LIBRARY = {item.name[:-4]: item.read_text() for item in (FOLDER / "lib").iterdir() if item.name.endswith(".lua")}
SCRIPTS = load_scripts()
HEADER = "-- keys: contact\n-- args: now_ms id n:int\n-- moves: contact.offer\n-- replies: n\n"

NOT_YET_COMMANDED = {
    *(f"closure_notice.{event}" for event in ["send", "give_up", "deliver", "fail"]),
    *("case.resume", "case.reopen"),
}
"""Moves of the tables that no command makes so far: what becomes of closure notices, cases taken up again."""
IN_REGISTER = "strategy"
"""The machine whose things the register keeps: drafts of strategies, before they change anything."""

MOVE = re.compile(r"\bmove\('(\w+)', *[^,]+, *[^,]+, *[^,]+, *('?\w+'?)\)")
FUNCTION = re.compile(r"local function (\w+)(\(.*?\n)end\n", re.DOTALL)
NAMED_MOVES = {
    "leg_move": "leg",
    "side_move": "leg",
    "presence_move": "presence",
    "handover_move": "handover",
    "case_move": "case",
    "callback_move": "callback",
}


def code_of(text: str) -> str:
    """Lua without comments."""
    return re.sub(r"--[^\n]*", "", text)


def whole(script: Script) -> str:
    """The command and what it includes, without what the loader sets before."""
    return code_of(script.text[script.text.index("local moves = ") :].partition("\n")[2])


def reached(script: Script) -> str:
    """The command's own text and those functions of its includes that it calls, one through another."""
    own = code_of(SOURCES[script.name])
    functions = dict(FUNCTION.findall(whole(script).removesuffix(own)))
    text, unread = own, set(functions)
    while called := {name for name in unread if re.search(rf"\b{name}\(", text)}:
        text += "".join(functions[name] for name in sorted(called))
        unread -= called
    return text


def literal_moves(script: Script) -> set[str]:
    """Every `machine.event` that the text passes to a moving function as literals."""
    text = reached(script)
    found = {f"{machine}.{event[1:-1]}" for machine, event in MOVE.findall(text) if event.startswith("'")}
    for function, machine in NAMED_MOVES.items():
        found |= {f"{machine}.{event}" for event in re.findall(rf"\b{function}\((?:[^()]*, )?'(\w+)'\)", text)}
    return found | {f"offer.{event}" for event in re.findall(r"\bwithdraw\('(\w+)'", text)}


@pytest.mark.parametrize("word", ["keys", "args", "moves", "replies"])
def test_a_header_without_a_required_line_is_refused(word: str) -> None:
    """Keys, args, moves and replies are always said, even when there are none."""
    source = "".join(line for line in HEADER.splitlines(keepends=True) if f" {word}:" not in line)
    with pytest.raises(HeaderError, match=f"sample: header lacks \\['{word}'\\]"):
        read_header("sample", source)


def test_a_header_line_that_stands_twice_is_refused() -> None:
    """Two lists of keys can't both be true."""
    with pytest.raises(HeaderError, match="`keys` stands twice"):
        read_header("sample", HEADER + "-- keys: agent\n")


def test_only_the_first_comment_lines_are_the_header() -> None:
    """A comment further down is prose, whatever it looks like."""
    assert read_header("sample", HEADER + "return 1\n-- keys: agent\n")["keys"] == "contact"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-- keys: Contact\n", "'Contact'"),
        ("-- keys: 1st\n", "'1st'"),
        ("-- args: now_ms the-id\n", "'the-id'"),
    ],
)
def test_a_name_that_is_no_name_is_refused(line: str, said: str) -> None:
    """Keys and arguments become Lua locals, so they must be able to."""
    word = line[3:7]
    source = "".join(line if f" {word}:" in each else each for each in HEADER.splitlines(keepends=True))
    with pytest.raises(HeaderError, match=f"{said}\\] are not names"):
        build("sample", source, {}, max_skew_ms=0)


@pytest.mark.parametrize("move", ["contact.explode", "printer.print", "contact", "contact."])
def test_a_move_that_stands_in_no_table_is_refused(move: str) -> None:
    """A command can't invent a state change."""
    with pytest.raises(HeaderError, match=f"no machine has the move {re.escape(move)}$"):
        build("sample", HEADER.replace("contact.offer", move), {}, max_skew_ms=0)


def test_an_unknown_include_is_refused() -> None:
    """What is included must be in lib/."""
    with pytest.raises(HeaderError, match="includes nowhere, which is not in lib/"):
        build("sample", HEADER + "-- include: nowhere\n", {}, max_skew_ms=0)


def test_the_header_becomes_the_locals() -> None:
    """Keys, arguments, the tail's start and the allowed moves are set before the command's own text."""
    source = HEADER + "-- rest: pairs\n-- include: part\nreturn n\n"
    script = build("sample", source, {"part": "local part = 1"}, max_skew_ms=250)
    assert (script.keys, script.args, script.has_rest, script.moves) == (
        ("contact",),
        ("now_ms", "id", "n"),
        True,
        ("contact.offer",),
    )
    lines = script.text.splitlines()
    assert lines[:6] == [
        "local command = 'sample'",
        "local contact = KEYS[1]",
        "local now_ms = tonumber(ARGV[1])",
        "local id = ARGV[2]",
        "local n = tonumber(ARGV[3])",
        "local rest = 4",
    ]
    assert "> 250 then" in script.text
    assert "local moves = { ['contact.offer'] = { ['queued'] = 'offered' } }" in lines
    assert script.text.index("local part = 1") < script.text.index("return n")


def test_without_a_limit_the_clock_is_not_compared() -> None:
    """Tests that bring their own clock switch the comparison off; otherwise it stands in every command."""
    assert "TIME" not in build("sample", HEADER + "return 1", {}, max_skew_ms=0).text
    assert all("clock-skew" in script.text for script in SCRIPTS.values())


def test_every_file_is_a_command_under_its_own_name() -> None:
    """The loader leaves nothing out, and two commands never share a text."""
    assert set(SCRIPTS) == set(SOURCES)
    assert all(script.name == name for name, script in SCRIPTS.items())
    assert len({script.sha for script in SCRIPTS.values()}) == len(SCRIPTS)


@pytest.mark.parametrize("name", SOURCES)
def test_the_declared_moves_are_the_moves_made(name: str) -> None:
    """Every move that the text names is declared, and what is declared stands in a table and is used."""
    script = SCRIPTS[name]
    for word in script.moves:
        machine, _, event = word.partition(".")
        assert moves(machine, event), word
    assert literal_moves(script) <= set(script.moves)
    words = set(re.findall(r"'(\w+)'", reached(script))) | set(re.findall(r"\b(\w+) = '", reached(script)))
    by_argument = {"receive_contact": {"queue", "hand_over", "answer"}}
    by_argument["set_presence"] = {"go_available", "go_away", "drain", "go_offline"}
    by_argument["activate_strategy"] = {"activate", "supersede"}
    by_argument["end_strategy"] = {"roll_back", "reinstate", "expire", "withdraw"}
    by_argument["record_sending"] = {"send", "put_off", "deliver", "fail"}
    assert {word.partition(".")[2] for word in script.moves} <= words | by_argument.get(name, set())


@pytest.mark.parametrize("name", [*SOURCES, *(f"lib/{name}" for name in LIBRARY)])
def test_no_lua_builds_keys_or_asks_for_the_time(name: str) -> None:
    """Every key is handed in and every time is an argument; so one slot is enough and a test can stop the clock."""
    text = code_of(LIBRARY[name[4:]] if name.startswith("lib/") else SOURCES[name])
    assert not re.search(r"\bKEYS\b", text)
    assert not re.search(r"['\"]TIME['\"]", text)
    keys = {key for script in SCRIPTS.values() for key in script.keys}
    first = re.findall(r"redis\.call\('\w+', *([^,)]+)", text)
    assert set(first) <= keys
    assert text.count("redis.call(") == len(first)
    assert "redis.pcall" not in text


def test_every_move_of_the_tables_has_a_command_or_stands_on_the_list() -> None:
    """Nothing is forgotten silently: a row is used by a command, or is named as not yet commanded."""
    everything = {
        f"{machine}.{event}"
        for machine, table in MACHINES.items()
        for row in table.values()
        for event in row
        if machine != IN_REGISTER
    }
    commanded = {word for script in SCRIPTS.values() for word in script.moves}
    assert everything - commanded == NOT_YET_COMMANDED
