"""`servicecenter floor`: the floor of a running service in a terminal, as a supervisor reads it at a glance."""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import uvloop
from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from router.clock import elapsed_s
from router.config import Config
from router.errors import ConfigurationError, Unavailable
from router.floor_figures import FloorDocument
from router.floor_view.feed import Ended, Feed, Lost
from router.floor_view.moments import clock
from router.floor_view.picture import STALE_S, View, picture
from router.floor_view.words import LANGUAGES, Words

TOKEN_VARIABLE = "SERVICECENTER_TOKEN"  # noqa: S105 # the variable's name
LEAST_COLUMNS = 60


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `floor`."""
    parser.add_argument("--url", default="", help="the service; default: where this configuration serves")
    parser.add_argument("--token", default="", help=f"a supervisor's token; better: the variable {TOKEN_VARIABLE}")
    parser.add_argument("--token-file", default="", metavar="FILE", help="a file that holds the token")
    parser.add_argument(
        "--once", action="store_true", help="print one picture and end; so it does where nobody looks, as in a pipe"
    )
    parser.add_argument("--lang", choices=LANGUAGES, default=LANGUAGES[0], help="default: sv")
    parser.set_defaults(command=floor)


def floor(arguments: argparse.Namespace, config: Config) -> int:
    """Show the floor until Ctrl-C; with --once or --json, or into a pipe, as it is now."""
    url = _url(arguments.url, config)
    feed, words = Feed(url, _token(arguments)), Words(arguments.lang)
    try:
        if arguments.once or arguments.json or not sys.stdout.isatty():
            return _print(uvloop.run(feed.once()), words, is_json=arguments.json)
        return uvloop.run(_show(feed, words))
    except Ended as ended:
        told = words.say("replaced") if ended.slug == "replaced" else words.say("refused", slug=ended.slug)
        raise ConfigurationError(told) from None
    except Lost as lost:
        raise Unavailable(words.say("unreachable", url=url, why=lost.why)) from None


def _url(given: str, config: Config) -> str:
    url = given or config.http.public_url or f"http://{config.http.host}:{config.http.port}"
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ConfigurationError("expected an address such as http://127.0.0.1:8080", field="--url")
    return url.rstrip("/")


def _token(arguments: argparse.Namespace) -> str:
    token = str(arguments.token or "")
    if not token and arguments.token_file:
        try:
            token = Path(arguments.token_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(type(error).__name__, field="--token-file") from None
    token = token or os.environ.get(TOKEN_VARIABLE, "").strip()
    if not token or not token.isascii() or any(sign.isspace() for sign in token):
        raise ConfigurationError(
            f"expected a supervisor's token here, in --token-file or in {TOKEN_VARIABLE}", field="--token"
        )
    return token


def _print(found: FloorDocument | None, words: Words, *, is_json: bool) -> int:
    """One document or one picture; without figures an error."""
    if found is None:
        raise Unavailable(words.say("no_figures"))
    if is_json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return 0
    console = Console()
    width = max(LEAST_COLUMNS, console.width)
    console.print(picture(View(found, found.at, words, width, 0, Text(""), Text(""))))
    return 0


async def _show(feed: Feed, words: Words) -> int:
    """The live picture until a signal."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    console = Console()
    following = asyncio.create_task(feed.run(), name="floor-feed")
    stopping = asyncio.create_task(stop.wait(), name="floor-stop")
    try:
        with Live(console=console, screen=True, auto_refresh=False, transient=True) as live:
            while not stop.is_set() and not following.done():
                live.update(_drawn(feed, words, console), refresh=True)
                await _next(feed, following, stopping)
        if following.done():
            following.result()
    finally:
        for task in (following, stopping):
            task.cancel()
        with contextlib.suppress(Ended):
            await asyncio.gather(following, stopping, return_exceptions=True)
    return 0


async def _next(feed: Feed, *ends: asyncio.Task[object] | asyncio.Task[None]) -> None:
    """Until something is new, or the clock on the screen is a second old."""
    feed.changed.clear()
    changed = asyncio.create_task(feed.changed.wait())
    try:
        await asyncio.wait([changed, *ends], timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
    finally:
        changed.cancel()


def _drawn(feed: Feed, words: Words, console: Console) -> RenderableType:
    warning = _warning(feed, words)
    if feed.floor is None:
        return warning or Text(words.say("connecting", url=feed.url))
    width = max(LEAST_COLUMNS, console.width)
    link = Text("" if warning else f"● {words.say('connected')}", style="green")
    return picture(View(feed.floor, feed.now_ms, words, width, console.height, link, warning))


def _warning(feed: Feed, words: Words) -> Text:
    """Why the figures must not be trusted: no connection, or nobody who measures; empty while they may."""
    floor = feed.floor
    at = clock(floor.at, floor.tz, with_seconds=True) if floor else "-"
    if feed.state == "lost":
        left = max(0, round(feed.retry_at_s - elapsed_s()))
        return _loud(words.say("reconnecting", why=feed.why, seconds=left, at=at))
    if floor is None:
        return _loud(words.say("no_figures")) if feed.state == "connected" else Text("")
    return _loud(words.say("stale", at=at)) if elapsed_s() - feed.seen_at_s > STALE_S else Text("")


def _loud(told: str) -> Text:
    return Text(f" ! {told} ", style="bold white on red", no_wrap=True, overflow="ellipsis")
