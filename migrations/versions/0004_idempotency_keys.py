"""Idempotency keys and the answers that are kept under them."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UP = """
-- answer is sealed, and null while the request runs that claimed the key; attempt is that request's
CREATE TABLE idempotency_keys (
    owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    key text COLLATE "C" NOT NULL,
    request bytea NOT NULL,
    attempt uuid NOT NULL,
    leased_until timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    answer text,
    PRIMARY KEY (owner_id, key)
);
CREATE INDEX idempotency_keys_expire ON idempotency_keys (expires_at);
"""

DOWN = """
DROP TABLE idempotency_keys;
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in UP.strip().removesuffix(";").split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in DOWN.strip().removesuffix(";").split(";\n"):
        op.execute(statement)
