"""A release that is newer than this one, as far as the database tells: it has one migration more."""

from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from photostore_adapters.postgres.migrate import head, script_folder

REVISION = "9999"
EXPANDING = "ALTER TABLE photos ADD COLUMN mood text; CREATE TABLE moods (name text PRIMARY KEY)"
CONTRACTING = f"ALTER TABLE photos DROP COLUMN favorite; UPDATE schema_compatibility SET needs = '{REVISION}'"
_MIGRATION = """\"\"\"Moods of photos.\"\"\"

from alembic import op

revision, down_revision, branch_labels, depends_on = {revision!r}, {head!r}, None, None


def upgrade() -> None:
    for statement in {sql!r}.split("; "):
        op.execute(statement)
"""


async def migrate_to_newer_release(url: str, sql: str = EXPANDING) -> None:
    """As `photostore migrate` of that release does."""
    engine = create_async_engine("postgresql+asyncpg://" + url.split("://", 1)[1], poolclass=pool.NullPool)
    with TemporaryDirectory() as folder:
        scripts = copytree(script_folder(), Path(folder) / "migrations")
        (scripts / "versions" / f"{REVISION}_newer.py").write_text(
            _MIGRATION.format(revision=REVISION, head=head(), sql=sql)
        )

        def upgrade(connection: Connection) -> None:
            config = Config()
            config.set_main_option("script_location", str(scripts))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

        async with engine.connect() as connection:
            await connection.run_sync(upgrade)
            await connection.commit()
    await engine.dispose()
