"""How Alembic runs the migrations: on the connection that chatserver.storage.database opened, in its transaction."""

from alembic import context

from chatserver.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
