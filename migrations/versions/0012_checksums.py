"""The CRC-32 of originals, which archives find out."""

from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None

# Null until some archive has read the photo.
UP = "ALTER TABLE photos ADD COLUMN crc32 bigint CHECK (crc32 BETWEEN 0 AND 4294967295)"
DOWN = "ALTER TABLE photos DROP COLUMN crc32"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(UP)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(DOWN)
