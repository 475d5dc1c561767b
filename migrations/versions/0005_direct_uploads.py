"""Uploads straight to the blob store: what was announced of a file, its parts, and who is completing it."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE uploads
    ADD COLUMN door text NOT NULL DEFAULT 'form',
    ADD COLUMN filename text,
    ADD COLUMN content_type text,
    -- as announced, and checked against what arrives
    ADD COLUMN byte_size bigint,
    ADD COLUMN sha256 bytea,
    -- what becomes of the photo: title, description, hashtags, keywords_as_hashtags
    ADD COLUMN details jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN part_bytes bigint,
    ADD COLUMN multipart_id text,
    -- until when whoever completes it is believed to be at work
    ADD COLUMN completing_until timestamptz
"""

DOWN = """
-- An older version knows no upload but the form's, and cannot complete these: it sweeps them.
UPDATE uploads SET state = 'pending' WHERE state = 'completing';
ALTER TABLE uploads
    DROP COLUMN completing_until,
    DROP COLUMN multipart_id,
    DROP COLUMN part_bytes,
    DROP COLUMN details,
    DROP COLUMN sha256,
    DROP COLUMN byte_size,
    DROP COLUMN content_type,
    DROP COLUMN filename,
    DROP COLUMN door
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in UP.strip().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in DOWN.strip().split(";\n"):
        op.execute(statement)
