"""What administrators did, and what the last look for unreferenced blobs found."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UP = """
-- nothing refers to users: what was done stays known when whoever did it, or whom it was done to, is gone
CREATE TABLE audit_log (
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor_id uuid,
    actor_name text,
    action text NOT NULL,
    target_kind text NOT NULL,
    target_id text NOT NULL,
    details jsonb NOT NULL,
    ip_address text,
    user_agent text,
    request_id text,
    -- a user by id, or the command line by who ran it
    CHECK ((actor_id IS NULL) <> (actor_name IS NULL)),
    PRIMARY KEY (at, id)
);
CREATE INDEX audit_log_of_actor ON audit_log (actor_id, at, id) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_log_of_action ON audit_log (action, at, id);
CREATE INDEX audit_log_of_target ON audit_log (target_id, at, id);

-- what is written stays as it is; only what is older than the retention goes, and only who says so in the same transaction
CREATE FUNCTION refuse_to_change_audit_log() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < nullif(current_setting('photostore.audit_prune_before', true), '')::timestamptz THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_to_change_audit_log();
CREATE TRIGGER audit_log_is_not_truncated BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_audit_log();

-- one row at most
CREATE TABLE last_sweep (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    at timestamptz NOT NULL,
    blobs bigint NOT NULL,
    multiparts bigint NOT NULL,
    refusal text
);

-- jobs that failed are listed, newest first
CREATE INDEX pgqueuer_in_trouble ON pgqueuer (id)
    WHERE (status = 'failed'::pgqueuer_status OR (status = 'queued'::pgqueuer_status AND attempts > 0));

-- users are found by how their address or their name begins, and those who are few by what they are
CREATE INDEX users_by_address ON users ((lower(email) COLLATE "C"));
CREATE INDEX users_by_name ON users ((lower(display_name) COLLATE "C"));
CREATE INDEX users_who_administrate ON users (id) WHERE is_admin;
CREATE INDEX users_disabled ON users (id) WHERE disabled_at IS NOT NULL
"""

DOWN = """
DROP INDEX users_by_address, users_by_name, users_who_administrate, users_disabled, pgqueuer_in_trouble;
DROP TABLE last_sweep, audit_log;
DROP FUNCTION refuse_to_change_audit_log
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    # a statement ends with its line, save within a function
    for statement in _statements(UP):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in _statements(DOWN):
        op.execute(statement)


def _statements(sql: str) -> list[str]:
    found, statement, quoted = [], "", False
    for line in sql.strip().splitlines(keepends=True):
        statement += line
        quoted ^= line.count("$$") % 2 == 1
        if line.endswith(";\n") and not quoted:
            found.append(statement)
            statement = ""
    return [*found, statement]
