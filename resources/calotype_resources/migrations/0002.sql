ALTER TABLE images ADD COLUMN rating INTEGER NOT NULL DEFAULT 0;
ALTER TABLE images ADD COLUMN is_excluded INTEGER NOT NULL DEFAULT 0;
ALTER TABLE images ADD COLUMN repeats INTEGER NOT NULL DEFAULT 1;
ALTER TABLE images ADD COLUMN linked_to TEXT NOT NULL DEFAULT '';  -- a file outside the project, or empty

-- What was found in the pixels, once for each content. Losing it costs time and nothing else.
CREATE TABLE image_facts (
    content_hash TEXT PRIMARY KEY,
    version INTEGER NOT NULL,        -- of the way of looking; facts of another version are found again
    facts TEXT NOT NULL              -- JSON
) STRICT, WITHOUT ROWID;
