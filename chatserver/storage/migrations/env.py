"""Alembic's environment: migrations run on the connection of chatserver.storage.database, in its transaction."""

from alembic import context

from chatserver.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
