ALTER TABLE images ADD COLUMN taken_at REAL;  -- seconds since 1970 by the camera's own clock, or NULL
ALTER TABLE images ADD COLUMN camera TEXT NOT NULL DEFAULT '';

-- What pictures look like from afar, once for each content. Losing it costs time and nothing else.
CREATE TABLE image_signatures (
    content_hash TEXT PRIMARY KEY,
    version INTEGER NOT NULL,        -- of the way of looking; signatures of another version are made again
    signature BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The images of each project that were compared with all others there. An image that comes back is compared again.
CREATE TABLE compared_images (
    project_id TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    version INTEGER NOT NULL,        -- of the way of comparing
    PRIMARY KEY (project_id, content_hash),
    FOREIGN KEY (project_id, content_hash) REFERENCES images (project_id, content_hash) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE alike_pairs (
    project_id TEXT NOT NULL,
    first_hash TEXT NOT NULL,        -- the smaller one
    second_hash TEXT NOT NULL,
    difference REAL NOT NULL,
    PRIMARY KEY (project_id, first_hash, second_hash),
    FOREIGN KEY (project_id, first_hash) REFERENCES images (project_id, content_hash) ON DELETE CASCADE,
    FOREIGN KEY (project_id, second_hash) REFERENCES images (project_id, content_hash) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX alike_pairs_by_second ON alike_pairs (project_id, second_hash);
