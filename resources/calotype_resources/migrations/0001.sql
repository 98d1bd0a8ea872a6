CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    trigger_word TEXT NOT NULL,
    folder TEXT NOT NULL,            -- below the data folder's projects/
    created_at REAL NOT NULL
) STRICT;

CREATE TABLE images (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    file_name TEXT NOT NULL,         -- below the project's images/
    original_name TEXT NOT NULL,
    width_px INTEGER NOT NULL,
    height_px INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    perceptual_hash TEXT NOT NULL,   -- 16 hexadecimal digits: SQLite integers are signed
    split TEXT NOT NULL,
    caption TEXT NOT NULL,
    PRIMARY KEY (project_id, content_hash)
) STRICT;

CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    plan TEXT NOT NULL,
    folder TEXT NOT NULL,            -- below the data folder's projects/
    state TEXT NOT NULL,
    started_at REAL NOT NULL,
    last_step INTEGER NOT NULL,
    best_step INTEGER NOT NULL,
    best_ratio REAL,
    failure TEXT NOT NULL
) STRICT;

CREATE TABLE metrics (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    step INTEGER NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (run_id, name, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE previews (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    position INTEGER NOT NULL,
    prompt TEXT NOT NULL,
    seed INTEGER NOT NULL,
    file_name TEXT NOT NULL,         -- below the run's previews/
    PRIMARY KEY (run_id, step, position)
) STRICT, WITHOUT ROWID;
