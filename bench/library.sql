-- A million photos of two hundred owners, as if uploaded twenty at a time over some years: the first owner, who is there
-- already, has a tenth of them. In the order of uploading, so that rows lie on disk as they would.
-- Every number is drawn from the photo's own by a hash, so that each load makes the same library.

CREATE FUNCTION pg_temp.draw(n bigint, salt int, below int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN abs(hashint8extended(n, salt) % below)::int;

SET maintenance_work_mem = '512MB';
SET work_mem = '256MB';
SET max_parallel_maintenance_workers = 2;
-- whatever refers to photos
CREATE TEMPORARY TABLE referring AS
    SELECT conrelid::regclass AS referring, conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
    WHERE contype = 'f' AND confrelid = 'photos'::regclass;
DO $$ BEGIN
    EXECUTE (SELECT string_agg(format('ALTER TABLE %s DROP CONSTRAINT %I;', referring, conname), ' ') FROM referring);
END $$;
ALTER TABLE photos DROP CONSTRAINT photos_pkey, DROP CONSTRAINT photos_blob_key_key;
DROP INDEX photos_bytes, photos_taken_last, photos_taken_first, photos_favorite, photos_shown;
ALTER TABLE photo_hashtags DROP CONSTRAINT photo_hashtags_pkey;

CREATE TEMP TABLE owners AS
SELECT 0 AS number, id FROM users UNION ALL SELECT number, uuidv7() FROM generate_series(1, 199) AS number;
INSERT INTO users (id, email, is_admin, password_hash, created_at, version)
SELECT id, 'owner' || number || '@example.org', false, 'none', now(), 1 FROM owners WHERE number > 0;
INSERT INTO quotas (owner_id) SELECT id FROM owners ON CONFLICT DO NOTHING;

INSERT INTO hashtags (id, name, created_at) SELECT uuidv7(), 'tag' || number, now() FROM generate_series(0, 499) AS number;

-- None to four hashtags on a photo; the most used one stands on every fifth photo, the others ever more seldom.
INSERT INTO photos (
    owner_id, id, blob_key, filename, title, description, content_type, byte_size, sha256, width, height, taken_at,
    taken_at_offset_minutes, hashtags, favorite, custom, status, created_at, updated_at, version, camera, latitude, longitude,
    altitude_m, placeholder, renditions
)
SELECT owners.id, photo.id, 'originals/' || right(photo.id::text, 2) || '/' || photo.id, 'IMG_' || lpad((n % 10000)::text, 4, '0') || '.jpg',
    CASE WHEN pg_temp.draw(n, 1, 3) = 0 THEN 'Evening at the lake, number ' || n END,
    CASE WHEN pg_temp.draw(n, 2, 10) = 0 THEN repeat('The light was going when we came round the point. ', 3) END,
    'image/jpeg', 1500000 + pg_temp.draw(n, 3, 6000000), sha256(int8send(n)), 4032, 3024,
    CASE WHEN pg_temp.draw(n, 4, 20) > 0 THEN photo.at - interval '1 hour' END, CASE WHEN pg_temp.draw(n, 4, 20) > 0 THEN 120 END,
    ARRAY(
        SELECT DISTINCT 'tag' || trunc(500 * power(pg_temp.draw(n, 10 + place, 10000) / 10000.0, 3))
        FROM generate_series(1, pg_temp.draw(n, 5, 5)) AS place
    ),
    pg_temp.draw(n, 6, 25) = 0, CASE WHEN pg_temp.draw(n, 7, 5) = 0 THEN '{"rating": 4}' ELSE '{}' END::jsonb,
    'ready', photo.at, photo.at, 1 + pg_temp.draw(n, 8, 2),
    '{"make": "Apple", "model": "iPhone 15", "lens": null, "f_number": 1.6, "exposure_seconds": 0.008, "iso": 50,
      "focal_length_mm": 5.96}',
    48 + pg_temp.draw(n, 9, 100000) / 1e6, 16 + pg_temp.draw(n, 20, 100000) / 1e6, 171.2, substring(sha256(int8send(n)) FOR 21),
    (
        SELECT jsonb_agg(jsonb_build_object(
            'name', name, 'format', format, 'width', width, 'height', width * 3 / 4, 'byte_size', width * 100,
            'blob_key', 'renditions/' || right(photo.id::text, 2) || '/' || photo.id || '/' || md5(n || format || name) || '.' || format
        ))
        FROM (VALUES ('thumb', 320), ('preview', 1600)) AS sized (name, width), (VALUES ('webp'), ('avif')) AS encoded (format)
    )
FROM generate_series(0, 999999) AS n
CROSS JOIN LATERAL (SELECT interval '1 second' * (1000000 - n) * 100 AS ago) AS since
CROSS JOIN LATERAL (SELECT uuidv7(-ago) AS id, now() - ago AS at) AS photo
JOIN owners ON owners.number = CASE WHEN n / 20 % 10 = 0 THEN 0 ELSE 1 + (n / 20) % 199 END
ORDER BY n;

INSERT INTO photo_hashtags
SELECT photos.owner_id, hashtags.id, photos.id
FROM photos CROSS JOIN LATERAL unnest(photos.hashtags) AS tagged (name) JOIN hashtags ON hashtags.name = tagged.name;

ALTER TABLE photos ADD PRIMARY KEY (owner_id, id), ADD UNIQUE (blob_key);
DO $$ -- back again
BEGIN
    EXECUTE (
        SELECT string_agg(format('ALTER TABLE %s ADD CONSTRAINT %I %s;', referring, conname, definition), ' ') FROM referring
    );
END $$;
CREATE UNIQUE INDEX photos_bytes ON photos (owner_id, sha256);
CREATE INDEX photos_taken_last ON photos (owner_id, coalesce(taken_at, '-infinity'::timestamptz), id)
    WHERE trashed_at IS NULL;
CREATE INDEX photos_taken_first ON photos (owner_id, coalesce(taken_at, 'infinity'::timestamptz), id)
    WHERE trashed_at IS NULL;
CREATE INDEX photos_favorite ON photos (owner_id, id) WHERE favorite AND trashed_at IS NULL;
CREATE INDEX photos_shown ON photos (owner_id, id) WHERE trashed_at IS NULL;
ALTER TABLE photo_hashtags ADD PRIMARY KEY (owner_id, hashtag_id, photo_id);

INSERT INTO owner_hashtags SELECT owner_id, hashtag_id, count(*) FROM photo_hashtags GROUP BY owner_id, hashtag_id;
UPDATE hashtags SET photo_count = counted.photos
FROM (SELECT hashtag_id, sum(photo_count) AS photos FROM owner_hashtags GROUP BY hashtag_id) AS counted
WHERE counted.hashtag_id = hashtags.id;
UPDATE quotas SET used_bytes = counted.used, photo_count = counted.photos
FROM (SELECT owner_id, sum(byte_size) AS used, count(*) AS photos FROM photos GROUP BY owner_id) AS counted
WHERE counted.owner_id = quotas.owner_id;
