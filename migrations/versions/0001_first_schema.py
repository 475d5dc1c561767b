"""Users, photos, uploads, hashtags, quotas: the first schema."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UP = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- one row: which database this is, so that a blob store is never taken for another's
CREATE TABLE installation (id uuid PRIMARY KEY);
INSERT INTO installation (id) VALUES (gen_random_uuid());

CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text,
    display_name text,
    is_admin boolean NOT NULL,
    password_hash text,
    issuer text,
    subject text,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    erased_at timestamptz,
    version integer NOT NULL,
    CHECK ((issuer IS NULL) = (subject IS NULL))
);
CREATE UNIQUE INDEX users_local_email ON users (email) WHERE password_hash IS NOT NULL;
CREATE UNIQUE INDEX users_identity ON users (issuer, subject);

CREATE TABLE sessions (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    family_digest bytea NOT NULL,
    current_digest bytea NOT NULL,
    user_agent text,
    ip_address text,
    revoked_at timestamptz,
    version integer NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX sessions_revocation ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE api_keys (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    scopes text[] NOT NULL,
    secret_digest bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    PRIMARY KEY (user_id, id)
);

-- quota_bytes is null where the service's default applies
CREATE TABLE quotas (
    owner_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    quota_bytes bigint CHECK (quota_bytes >= 0),
    used_bytes bigint NOT NULL DEFAULT 0 CHECK (used_bytes >= 0),
    reserved_bytes bigint NOT NULL DEFAULT 0 CHECK (reserved_bytes >= 0),
    photo_count bigint NOT NULL DEFAULT 0 CHECK (photo_count >= 0)
);

CREATE TABLE uploads (
    owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id uuid NOT NULL,
    blob_key text NOT NULL UNIQUE,
    reserved_bytes bigint NOT NULL,
    state text NOT NULL,
    reason text,
    photo_id uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (owner_id, id)
);
CREATE INDEX uploads_open ON uploads (expires_at) WHERE state IN ('pending', 'completing');
CREATE INDEX uploads_ended ON uploads (expires_at) WHERE state NOT IN ('pending', 'completing');

-- hashtags stands here too, so that reading a page needs no join; photo_hashtags is for filtering; both are written together
CREATE TABLE photos (
    owner_id uuid NOT NULL REFERENCES users,
    id uuid NOT NULL,
    blob_key text NOT NULL UNIQUE,
    filename text NOT NULL,
    title text,
    description text,
    content_type text NOT NULL,
    byte_size bigint NOT NULL,
    sha256 bytea NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    taken_at timestamptz,
    taken_at_offset_minutes smallint,
    hashtags text[] NOT NULL,
    favorite boolean NOT NULL,
    custom jsonb NOT NULL,
    status text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (owner_id, id)
);
CREATE UNIQUE INDEX photos_bytes ON photos (owner_id, sha256);
-- photos without a time come last in either order
CREATE INDEX photos_taken_last ON photos (owner_id, coalesce(taken_at, '-infinity'::timestamptz), id);
CREATE INDEX photos_taken_first ON photos (owner_id, coalesce(taken_at, 'infinity'::timestamptz), id);
CREATE INDEX photos_favorite ON photos (owner_id, id) WHERE favorite;

CREATE TABLE hashtags (
    id uuid PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    photo_count bigint NOT NULL DEFAULT 0 CHECK (photo_count >= 0),
    created_by uuid,
    created_at timestamptz NOT NULL
);
CREATE INDEX hashtags_maker ON hashtags (created_by) WHERE created_by IS NOT NULL;
CREATE INDEX hashtags_similar ON hashtags USING gin (name gin_trgm_ops);

CREATE TABLE photo_hashtags (
    owner_id uuid NOT NULL,
    hashtag_id uuid NOT NULL,
    photo_id uuid NOT NULL,
    PRIMARY KEY (owner_id, hashtag_id, photo_id)
);

CREATE TABLE owner_hashtags (
    owner_id uuid NOT NULL,
    hashtag_id uuid NOT NULL,
    photo_count bigint NOT NULL CHECK (photo_count >= 0),
    PRIMARY KEY (owner_id, hashtag_id)
);

-- counting starts anew after a crash: nothing of worth is lost, and counting is cheap
CREATE UNLOGGED TABLE rate_limits (
    key text PRIMARY KEY,
    window_ends timestamptz NOT NULL,
    hits integer NOT NULL
);
CREATE INDEX rate_limits_over ON rate_limits (window_ends);
"""

DOWN = """
DROP TABLE installation, rate_limits, owner_hashtags, photo_hashtags, hashtags, photos, uploads, quotas, api_keys,
    sessions, users;
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in UP.strip().removesuffix(";").split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(DOWN)
