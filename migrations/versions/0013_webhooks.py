"""Webhooks, how far each was told, and the log of that."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UP = """
-- secrets are sealed with a key that is not here
CREATE TABLE webhooks (
    owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id uuid NOT NULL,
    url text NOT NULL,
    -- null is all
    events text[],
    description text,
    sealed_secret text NOT NULL,
    previous_sealed_secret text,
    previous_until timestamptz,
    disabled_at timestamptz,
    disabled_reason text,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (owner_id, id)
);

-- written with each delivery: no index but the key, so that a row is written in its place
CREATE TABLE webhook_progress (
    owner_id uuid NOT NULL,
    webhook_id uuid NOT NULL,
    delivered_seq bigint NOT NULL,
    failures bigint NOT NULL DEFAULT 0,
    failing_since timestamptz,
    next_attempt_at timestamptz,
    -- what could not be delivered, byte by byte
    kept_seq bigint,
    kept_body bytea,
    -- who delivers now; when they die it ends by itself
    holder uuid,
    held_until timestamptz,
    PRIMARY KEY (owner_id, webhook_id),
    FOREIGN KEY (owner_id, webhook_id) REFERENCES webhooks ON DELETE CASCADE
) WITH (fillfactor = 50);

-- one line an attempt
CREATE TABLE webhook_deliveries (
    owner_id uuid NOT NULL,
    webhook_id uuid NOT NULL,
    id uuid NOT NULL,
    event_id uuid NOT NULL,
    event text NOT NULL,
    occurred_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    seq bigint,
    entity text,
    entity_id uuid,
    attempt bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'delivered', 'failed', 'missed')),
    response_status bigint,
    seconds double precision,
    error text,
    attempted_at timestamptz,
    next_attempt_at timestamptz,
    PRIMARY KEY (owner_id, webhook_id, id),
    FOREIGN KEY (owner_id, webhook_id) REFERENCES webhooks ON DELETE CASCADE
);
-- what is looked for among many that went well, and what is to be sent
CREATE INDEX webhook_deliveries_otherwise ON webhook_deliveries (owner_id, webhook_id, status, id) WHERE status <> 'delivered';
-- for pruning: lines come in the order of their times
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries USING brin (created_at)
"""

DOWN = """
DROP TABLE webhook_deliveries, webhook_progress, webhooks
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in UP.strip().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(DOWN)
