"""`servicecenter token create`: a local token, valid for every router on the same store."""

import argparse
import asyncio
import contextlib
import sys

import msgspec

from router.clock import SystemClock
from router.config import Config
from router.errors import ConfigurationError, StoreUnavailable
from router.http.auth import ROLES, Caller, Tokens
from router.store.embedded import EmbeddedStore
from router.store.redis_store import Store

DAY_S = 86_400


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `token`."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create", help="print a token", conflict_handler="resolve", parents=[_shared()])
    create.add_argument("--role", required=True, choices=ROLES)
    create.add_argument("--name", required=True, help="who holds it: letters, digits, . _ -")
    create.add_argument("--agent-id", default="", help="role agent: whose desktop it opens")
    create.add_argument("--unit", default="", help="role department: the unit it speaks for")
    create.add_argument("--right", action="append", default=[], choices=["backdate"], help="role integration")
    create.add_argument("--days", type=int, default=0, help="valid for so many days; 0 for ever")
    create.set_defaults(command=create_token)


def _shared() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--config", metavar="FILE")
    shared.add_argument("--json", action="store_true")
    shared.add_argument("--log-level", choices=["debug", "info", "warning", "error"])
    return shared


def create_token(arguments: argparse.Namespace, config: Config) -> int:
    """Print a token, for integrations with the secret that signs webhooks."""
    now_s = SystemClock().now_ms() // 1000
    claims = {
        "role": arguments.role,
        "name": arguments.name,
        "agent": arguments.agent_id,
        "unit": arguments.unit,
        "rights": arguments.right,
        "expires_s": now_s + arguments.days * DAY_S if arguments.days else 0,
    }
    if arguments.role == "agent" and not arguments.agent_id:
        raise ConfigurationError("an agent's token needs --agent-id", field="--agent-id")
    try:
        caller = msgspec.convert(claims, Caller)
    except msgspec.ValidationError as error:
        raise ConfigurationError(str(error), field="--name") from error
    tokens = Tokens(asyncio.run(read_secret(config)), SystemClock())
    answer = {"token": tokens.create(caller), "role": caller.role, "name": caller.name}
    if caller.role == "integration":
        answer["webhook_secret"] = tokens.webhook_secret(caller.name)
    text = msgspec.json.encode(answer).decode() if arguments.json else answer["token"]
    sys.stdout.write(text + "\n")
    return 0


async def read_secret(config: Config) -> bytes:
    """The tenant's signing key, from the store that runs, or from our own started for the moment.

    Raises:
        ConfigurationError: our own can't start in the data directory.
        StoreUnavailable: the configured one does not answer.
    """
    url = config.store.redis_url
    if url:
        return await _ask(url, config.tenant.id)
    embedded = EmbeddedStore(config.data_dir)
    if embedded.socket.exists():
        with contextlib.suppress(StoreUnavailable):
            return await _ask(embedded.url, config.tenant.id)
    await embedded.start()
    try:
        return await _ask(embedded.url, config.tenant.id)
    finally:
        await embedded.stop()


async def _ask(url: str, tenant: str) -> bytes:
    store = Store(url, tenant, give_up_s=1.0)
    try:
        await store.start()
        return await store.secret()
    finally:
        await store.stop()
