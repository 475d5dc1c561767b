"""Checking the library: how far the last check has come, what it found; and photos in the order in which stores list."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# Of the collation alone: no row is written anew, but the index of the column is.
UP = """
ALTER TABLE photos ALTER COLUMN blob_key TYPE text COLLATE "C";

CREATE TABLE checks (
    -- one row: the last one
    is_last boolean PRIMARY KEY DEFAULT true CHECK (is_last),
    -- null is all owners
    owner_id uuid,
    checksums boolean NOT NULL,
    started_at timestamptz NOT NULL,
    moved_at timestamptz NOT NULL,
    step text NOT NULL,
    place text,
    photos bigint NOT NULL,
    bytes_read bigint NOT NULL,
    mended boolean NOT NULL
);

CREATE TABLE check_findings (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    owner_id uuid,
    thing_id uuid,
    key text,
    expected text NOT NULL,
    found text NOT NULL,
    outcome text
);
-- however often it is found
CREATE UNIQUE INDEX check_findings_once ON check_findings
    (kind, coalesce(owner_id::text, ''), coalesce(thing_id::text, ''), coalesce(key, ''))
"""

DOWN = """
DROP TABLE check_findings, checks;
ALTER TABLE photos ALTER COLUMN blob_key TYPE text COLLATE "default"
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in UP.strip().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in DOWN.strip().split(";\n"):
        op.execute(statement)
