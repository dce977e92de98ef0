"""Runs the migrations on the connection that `router.register.engine.migrate` hands over; never opens its own."""

from typing import cast

from alembic import context
from sqlalchemy import Connection

from router.register.schema import metadata

connection = cast("Connection", context.config.attributes["connection"])
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
context.run_migrations()
