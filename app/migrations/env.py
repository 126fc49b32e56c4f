"""Alembic's entry: migrations run on the engine that the command hands over."""

from alembic import context

import app.models  # noqa: F401  fills the metadata
from app.db import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
