"""The trash, what was deleted for good, and the bytes of what is made from photos."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE photos
    ADD COLUMN trashed_at timestamptz,
    -- of the images made on demand, which stand in photo_images
    ADD COLUMN images_bytes bigint NOT NULL DEFAULT 0;

-- lists show what is in the trash or what is not, never both: each has indexes of its own, so that neither slows the other
CREATE INDEX photos_shown ON photos (owner_id, id) WHERE trashed_at IS NULL;
DROP INDEX photos_taken_last, photos_taken_first, photos_favorite;
CREATE INDEX photos_taken_last ON photos (owner_id, coalesce(taken_at, '-infinity'::timestamptz), id)
    WHERE trashed_at IS NULL;
CREATE INDEX photos_taken_first ON photos (owner_id, coalesce(taken_at, 'infinity'::timestamptz), id)
    WHERE trashed_at IS NULL;
CREATE INDEX photos_favorite ON photos (owner_id, id) WHERE favorite AND trashed_at IS NULL;
CREATE INDEX photos_trash ON photos (owner_id, id) WHERE trashed_at IS NOT NULL;
CREATE INDEX photos_trash_taken_last ON photos (owner_id, coalesce(taken_at, '-infinity'::timestamptz), id)
    WHERE trashed_at IS NOT NULL;
CREATE INDEX photos_trash_taken_first ON photos (owner_id, coalesce(taken_at, 'infinity'::timestamptz), id)
    WHERE trashed_at IS NOT NULL;
-- what has been there for long enough, of all owners
CREATE INDEX photos_trash_since ON photos (trashed_at) WHERE trashed_at IS NOT NULL;

-- as photos.trashed_at says; written together
ALTER TABLE photo_fingerprints ADD COLUMN trashed boolean NOT NULL DEFAULT false;

CREATE TABLE photo_images (
    owner_id uuid NOT NULL,
    photo_id uuid NOT NULL,
    blob_key text NOT NULL,
    byte_size bigint NOT NULL,
    PRIMARY KEY (owner_id, photo_id, blob_key),
    FOREIGN KEY (owner_id, photo_id) REFERENCES photos ON DELETE CASCADE
);

CREATE TABLE deleted_photos (
    owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    sha256 bytea NOT NULL,
    deleted_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, sha256)
);

-- used_bytes goes on counting all originals; trash_bytes are those of them that are in the trash
ALTER TABLE quotas
    ADD COLUMN trash_bytes bigint NOT NULL DEFAULT 0 CHECK (trash_bytes >= 0),
    ADD COLUMN renditions_bytes bigint NOT NULL DEFAULT 0 CHECK (renditions_bytes >= 0);
UPDATE quotas SET renditions_bytes = made.bytes FROM (
    SELECT owner_id, sum((each->>'byte_size')::bigint)::bigint AS bytes
    FROM photos, jsonb_array_elements(renditions) AS each GROUP BY owner_id
) AS made WHERE made.owner_id = quotas.owner_id;
"""

# Without a trash, what is in it is there again, with its hashtags.
DOWN = """
INSERT INTO hashtags (id, name, created_at)
    SELECT gen_random_uuid(), name, now()
    FROM (SELECT DISTINCT unnest(hashtags) AS name FROM photos WHERE trashed_at IS NOT NULL) AS used
    ON CONFLICT (name) DO NOTHING;
INSERT INTO photo_hashtags (owner_id, hashtag_id, photo_id)
    SELECT owner_id, hashtags.id, photos.id FROM photos JOIN hashtags ON hashtags.name = ANY (photos.hashtags)
    WHERE trashed_at IS NOT NULL;
UPDATE hashtags SET photo_count = photo_count + back.photos FROM (
    SELECT hashtag_id, count(*) AS photos FROM photo_hashtags
    JOIN photos ON photos.owner_id = photo_hashtags.owner_id AND id = photo_id
    WHERE trashed_at IS NOT NULL GROUP BY hashtag_id
) AS back WHERE back.hashtag_id = hashtags.id;
INSERT INTO owner_hashtags AS own (owner_id, hashtag_id, photo_count)
    SELECT photos.owner_id, hashtag_id, count(*) FROM photo_hashtags
    JOIN photos ON photos.owner_id = photo_hashtags.owner_id AND id = photo_id
    WHERE trashed_at IS NOT NULL GROUP BY photos.owner_id, hashtag_id
    ON CONFLICT (owner_id, hashtag_id) DO UPDATE SET photo_count = own.photo_count + excluded.photo_count;
UPDATE quotas SET photo_count = photo_count + back.photos FROM (
    SELECT owner_id, count(*) AS photos FROM photos WHERE trashed_at IS NOT NULL GROUP BY owner_id
) AS back WHERE back.owner_id = quotas.owner_id;
ALTER TABLE quotas DROP COLUMN renditions_bytes, DROP COLUMN trash_bytes;
DROP TABLE deleted_photos, photo_images;
ALTER TABLE photo_fingerprints DROP COLUMN trashed;
DROP INDEX photos_shown, photos_taken_last, photos_taken_first, photos_favorite, photos_trash, photos_trash_taken_last,
    photos_trash_taken_first, photos_trash_since;
ALTER TABLE photos DROP COLUMN images_bytes, DROP COLUMN trashed_at;
CREATE INDEX photos_taken_last ON photos (owner_id, coalesce(taken_at, '-infinity'::timestamptz), id);
CREATE INDEX photos_taken_first ON photos (owner_id, coalesce(taken_at, 'infinity'::timestamptz), id);
CREATE INDEX photos_favorite ON photos (owner_id, id) WHERE favorite;
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in UP.strip().removesuffix(";").split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in DOWN.strip().removesuffix(";").split(";\n"):
        op.execute(statement)
