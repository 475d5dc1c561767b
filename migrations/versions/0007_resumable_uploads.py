"""Uploads that come piece by piece (tus): how far they have come, and who sends."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE uploads
    -- null for uploads through the other doors
    ADD COLUMN received_bytes bigint,
    -- where those of them lie that are too few for a part
    ADD COLUMN tail_key text,
    -- the request that sends, and until when it is believed to go on
    ADD COLUMN held_by uuid,
    ADD COLUMN held_until timestamptz,
    -- what the client said of the file, as it said it
    ADD COLUMN metadata_text text;
CREATE INDEX uploads_by_tail ON uploads (tail_key) WHERE tail_key IS NOT NULL
"""

DOWN = """
-- An older version takes them for uploads straight to the store: their parts can be sent so, or they expire.
UPDATE uploads SET door = 'direct' WHERE door = 'tus';
DROP INDEX uploads_by_tail;
ALTER TABLE uploads
    DROP COLUMN metadata_text,
    DROP COLUMN held_until,
    DROP COLUMN held_by,
    DROP COLUMN tail_key,
    DROP COLUMN received_bytes
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in UP.strip().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in DOWN.strip().split(";\n"):
        op.execute(statement)
