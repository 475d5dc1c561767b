"""Old and new releases on the same tables."""

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

import pytest
from alembic.script import ScriptDirectory

from photostore_adapters.database import brought_up, migrated
from photostore_adapters.launch import LaunchRefused
from photostore_adapters.postgres.migrate import Standing, head, schema, script_folder, upgrade
from photostore_adapters.settings import Settings
from photostore_adapters.settings.secret import SecretUrl
from photostore_adapters.settings.sections import DatabaseSection
from tests.adapters.test_migrations import connected
from tests.newer_releases import CONTRACTING, REVISION, migrate_to_newer_release

# From here on no migration may break the release before it.
FIRST_KEPT = "0018"


def settings(*, url: str, migrate_on_start: bool) -> Settings:
    return Settings(database_url=SecretUrl(url), database=DatabaseSection(migrate_on_start=migrate_on_start))


async def test_it_is_told_what_is_pending(bare_database_url: str) -> None:
    bare = await schema(bare_database_url)
    await upgrade(bare_database_url, "0017")
    behind = await schema(bare_database_url)
    await upgrade(bare_database_url)
    current = await schema(bare_database_url)

    assert (bare.standing, bare.found, bare.pending[0].revision) == (Standing.BEHIND, None, "0001")
    assert (behind.standing, behind.found, behind.pending[0].revision) == (Standing.BEHIND, "0017", "0018")
    assert behind.pending[0].title.startswith("Which releases can run on this schema")
    assert (current.standing, current.found, current.pending) == (Standing.CURRENT, head(), ())


async def test_looking_makes_nothing(bare_database_url: str) -> None:
    await schema(bare_database_url)

    async with connected(bare_database_url) as connection:
        assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


@pytest.mark.parametrize("migrate_on_start", [True, False])
async def test_a_release_starts_on_tables_that_a_newer_one_expanded(
    database_url: str, *, migrate_on_start: bool
) -> None:
    await migrate_to_newer_release(database_url)

    await migrated(settings(url=database_url, migrate_on_start=migrate_on_start), database_url)

    found = await schema(database_url)
    assert (found.standing, found.found, found.needs) == (Standing.NEWER, REVISION, "0018")


@pytest.mark.parametrize("migrate_on_start", [True, False])
async def test_it_does_not_start_on_tables_that_a_newer_one_contracted(
    database_url: str, *, migrate_on_start: bool
) -> None:
    await migrate_to_newer_release(database_url, CONTRACTING)

    with pytest.raises(LaunchRefused, match=REVISION):
        await migrated(settings(url=database_url, migrate_on_start=migrate_on_start), database_url)

    assert (await schema(database_url)).standing is Standing.TOO_NEW


async def test_tables_of_something_else_are_refused(bare_database_url: str) -> None:
    async with connected(bare_database_url) as connection:
        await connection.execute(
            "CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('x')"
        )

    with pytest.raises(LaunchRefused, match="revision x"):
        await brought_up(bare_database_url)


def later_migrations() -> Iterator[ModuleType]:
    scripts = ScriptDirectory(str(script_folder()))
    for script in scripts.walk_revisions():
        if script.revision >= FIRST_KEPT:
            yield script.module


async def described(connection: Any) -> dict[str, Any]:
    """What a release relies on: by name each column with its type and whether it must be given, each table's constraints."""
    columns = await connection.fetch(
        "SELECT table_name || '.' || column_name, data_type, is_nullable, column_default, is_identity, is_generated "
        "FROM information_schema.columns WHERE table_schema = 'public'"
    )
    constraints = await connection.fetch(
        "SELECT conrelid::regclass::text || ' ' || pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype <> 'n'"
    )
    unique = await connection.fetch(
        "SELECT indrelid::regclass::text || ' ' || pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c "
        "ON c.oid = indrelid WHERE c.relnamespace = 'public'::regnamespace AND indisunique"
    )
    return {
        "columns": {row[0]: tuple(row)[1:] for row in columns},
        "rules": {row[0] for row in [*constraints, *unique]},
    }


def narrowings(before: dict[str, Any], after: dict[str, Any]) -> Sequence[str]:
    """What a release that knows the tables as they were could stumble over."""
    tables = {name.split(".")[0] for name in before["columns"]}
    found = [f"{name} is gone" for name in before["columns"].keys() - after["columns"].keys()]
    for name, (kind, nullable, default, identity, generated) in after["columns"].items():
        was = before["columns"].get(name)
        must_be_given = nullable == "NO" and default is None and identity == "NO" and generated == "NEVER"
        if was is None:
            if must_be_given and name.split(".")[0] in tables:
                found.append(f"{name} must be given")
        elif was[0] != kind:
            found.append(f"{name} is another type")
        elif must_be_given and (was[1] == "YES" or was[2] is not None):
            found.append(f"{name} must be given")
    rules = [rule for rule in after["rules"] - before["rules"] if rule.split(" ")[0] in tables]
    return sorted(found + [f"{rule} did not hold before" for rule in rules])


@pytest.mark.parametrize("migration", list(later_migrations()), ids=lambda each: str(each.revision))
async def test_a_migration_takes_nothing_from_the_release_before_it(
    bare_database_url: str, migration: ModuleType
) -> None:
    await upgrade(bare_database_url, migration.down_revision)
    async with connected(bare_database_url) as connection:
        before = await described(connection)

    await upgrade(bare_database_url, migration.revision)

    async with connected(bare_database_url) as connection:
        found = narrowings(before, await described(connection))
        needs = await connection.fetchval("SELECT needs FROM schema_compatibility")
    contracts = getattr(migration, "contracts", False)
    assert contracts or not found, f"Expand first; contract a release later, with `contracts = True`: {found}"
    assert not contracts or needs == migration.revision, "A migration that contracts says so in schema_compatibility."


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("ALTER TABLE albums DROP COLUMN description", "albums.description is gone"),
        ("ALTER TABLE albums RENAME COLUMN name TO title", "albums.name is gone"),
        ("DROP TABLE checks", "checks.step is gone"),
        ("ALTER TABLE check_findings ALTER COLUMN key SET NOT NULL", "check_findings.key must be given"),
        ("ALTER TABLE quotas ADD COLUMN mood text NOT NULL", "quotas.mood must be given"),
        ("ALTER TABLE checks ALTER COLUMN photos TYPE text", "checks.photos is another type"),
        ("ALTER TABLE quotas ADD CHECK (used_bytes < 5)", "quotas CHECK ((used_bytes < 5)) did not hold before"),
        ("CREATE UNIQUE INDEX ON checks (step)", "did not hold before"),
        ("ALTER TABLE quotas ADD COLUMN mood text NOT NULL DEFAULT 'calm'", None),
        ("CREATE TABLE moods (name text PRIMARY KEY)", None),
        ("CREATE INDEX ON checks (step)", None),
    ],
)
async def test_what_an_older_release_would_stumble_over_is_seen(
    emptied_database_url: str, change: str, told: str | None
) -> None:
    async with connected(emptied_database_url) as connection:
        transaction = connection.transaction()
        await transaction.start()
        before = await described(connection)
        await connection.execute(change)
        after = await described(connection)
        await transaction.rollback()

    found = narrowings(before, after)

    assert (found == []) if told is None else any(told in each for each in found)
