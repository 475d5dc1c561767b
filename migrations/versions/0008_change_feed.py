"""The change feed, beginning with what is there."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UP = """
-- one row an owner: locked by whoever writes changes of theirs, until the commit
CREATE TABLE change_feeds (
    owner_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    last_seq bigint NOT NULL,
    -- what was compacted up to where, and how old it had to be
    compacted_seq bigint NOT NULL DEFAULT 0,
    compacted_before timestamptz
) WITH (fillfactor = 50);

-- what of an owner's changed, and never how: that is looked up when it is told
CREATE TABLE changes (
    owner_id uuid NOT NULL,
    seq bigint NOT NULL,
    event_id uuid NOT NULL,
    event text NOT NULL,
    entity text NOT NULL,
    entity_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL
);

-- ids of version 7 (RFC 9562) of that moment, for a Postgres that makes none itself: the version's bits are 52 to 55
INSERT INTO changes (owner_id, seq, event_id, event, entity, entity_id, occurred_at)
SELECT owner_id, row_number() OVER (PARTITION BY owner_id ORDER BY entity_id),
    encode(set_bit(set_bit(overlay(
        uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM occurred_at) * 1000)::bigint) FROM 3) FROM 1 FOR 6
    ), 52, 1), 53, 1), 'hex')::uuid,
    event, entity, entity_id, occurred_at
FROM (
    SELECT owner_id, CASE WHEN trashed_at IS NULL THEN 'photo.created' ELSE 'photo.trashed' END AS event,
        'photo' AS entity, id AS entity_id, coalesce(trashed_at, created_at) AS occurred_at
    FROM photos
    UNION ALL
    SELECT created_by, 'hashtag.created', 'hashtag', hashtags.id, hashtags.created_at
    FROM hashtags JOIN users ON users.id = created_by
) AS there;
INSERT INTO change_feeds (owner_id, last_seq) SELECT owner_id, max(seq) FROM changes GROUP BY owner_id;

ALTER TABLE changes ADD PRIMARY KEY (owner_id, seq),
    ADD FOREIGN KEY (owner_id) REFERENCES change_feeds ON DELETE CASCADE;
-- what is earlier of the same thing
CREATE INDEX changes_of_thing ON changes (owner_id, entity_id, seq)
"""

DOWN = """
DROP TABLE changes, change_feeds
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in UP.strip().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(DOWN)
