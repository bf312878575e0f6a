"""The catalog's tables, and their migration from earlier versions."""

from __future__ import annotations

import sqlite3

SCHEMA_VERSION = 7

_REVIEW_TABLES = """
CREATE TABLE images (
    record_id INTEGER PRIMARY KEY REFERENCES records (id) ON DELETE CASCADE,
    file TEXT NOT NULL,
    region TEXT NOT NULL,
    label TEXT NOT NULL,
    prompt_id TEXT NOT NULL,
    text TEXT NOT NULL,
    seed INTEGER NOT NULL,
    created TEXT NOT NULL,
    phash TEXT,
    checks TEXT NOT NULL DEFAULT '',
    job_id TEXT NOT NULL DEFAULT '',
    model TEXT NOT NULL DEFAULT '',
    scheduler TEXT NOT NULL DEFAULT '',
    steps INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX images_by_job ON images (job_id);
CREATE TABLE reviews (
    record_id INTEGER NOT NULL REFERENCES records (id) ON DELETE CASCADE,
    reviewer TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('accepted', 'rejected', 'undecided')),
    rating INTEGER NOT NULL DEFAULT 0 CHECK (rating BETWEEN 0 AND 5),
    tags TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    reviewed TEXT NOT NULL,
    earlier TEXT NOT NULL DEFAULT '',
    rated TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (record_id, reviewer)
) WITHOUT ROWID;
CREATE TABLE verdicts (
    record_id INTEGER PRIMARY KEY REFERENCES records (id) ON DELETE CASCADE,
    decision TEXT NOT NULL CHECK (decision IN ('accepted', 'rejected'))
);
CREATE TABLE review_steps (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    reviewer TEXT NOT NULL,
    title TEXT NOT NULL,
    changes TEXT NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX steps_of_reviewer ON review_steps (reviewer, undone, id);
"""

_TRASH_TABLES = """
CREATE TABLE purges (
    id TEXT PRIMARY KEY,
    images INTEGER NOT NULL,
    bytes INTEGER NOT NULL
);
CREATE TABLE purged (
    task_id TEXT PRIMARY KEY,
    purge TEXT NOT NULL,
    region TEXT NOT NULL,
    label TEXT NOT NULL
) WITHOUT ROWID
"""
"""``purged`` names the images in the trash; without a ``purge``, the trash was emptied since."""

SCHEMA = f"""
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    created TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    message TEXT NOT NULL DEFAULT '',
    place INTEGER NOT NULL,
    request TEXT NOT NULL DEFAULT '{{}}',
    batch_limit INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    started TEXT NOT NULL DEFAULT '',
    finished TEXT NOT NULL DEFAULT '',
    removed TEXT NOT NULL DEFAULT ''
);
CREATE TABLE tasks (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    task_id TEXT NOT NULL,
    batch INTEGER NOT NULL,
    position INTEGER NOT NULL,
    task TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued',
    error TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (job_id, task_id)
);
CREATE INDEX tasks_in_order ON tasks (job_id, batch, position, state);
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE records (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id TEXT NOT NULL UNIQUE,
    job_id TEXT NOT NULL,
    prompt_id TEXT NOT NULL,
    file TEXT NOT NULL UNIQUE,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    task TEXT NOT NULL,
    provenance TEXT NOT NULL
);
CREATE INDEX records_by_prompt ON records (prompt_id);
{_REVIEW_TABLES};
{_TRASH_TABLES}"""
"""``images`` has the columns the gallery filters by; rows of ``records`` are too wide for that."""

_FILL_NEW_COLUMNS = """
UPDATE images SET (job_id, model, scheduler, steps) = (
    SELECT job_id, ifnull(json_extract(provenance, '$.model'), ''),
    ifnull(json_extract(task, '$.parameters.scheduler'), ''),
    ifnull(json_extract(task, '$.parameters.steps'), 0) FROM records WHERE id = record_id)
"""

_FROM_VERSION_1 = f"""
ALTER TABLE reviews RENAME TO reviews_of_version_1;
{_REVIEW_TABLES};
INSERT INTO images (record_id, file, region, label, prompt_id, text, seed, created)
    SELECT id, file, json_extract(task, '$.region'), json_extract(task, '$.label'), prompt_id,
    json_extract(task, '$.text'), json_extract(task, '$.seed'),
    json_extract(provenance, '$.created') FROM records;
{_FILL_NEW_COLUMNS};
INSERT INTO reviews (record_id, reviewer, decision, reviewed)
    SELECT record_id, reviewer, decision, reviewed FROM reviews_of_version_1;
INSERT INTO verdicts (record_id, decision)
    SELECT record_id, decision FROM reviews_of_version_1 WHERE decision != 'undecided';
DROP TABLE reviews_of_version_1
"""

_FROM_VERSION_2 = f"""
ALTER TABLE images ADD COLUMN job_id TEXT NOT NULL DEFAULT '';
ALTER TABLE images ADD COLUMN model TEXT NOT NULL DEFAULT '';
ALTER TABLE images ADD COLUMN scheduler TEXT NOT NULL DEFAULT '';
ALTER TABLE images ADD COLUMN steps INTEGER NOT NULL DEFAULT 0;
CREATE INDEX images_by_job ON images (job_id);
{_FILL_NEW_COLUMNS}
"""

_REMOVED_JOBS = "ALTER TABLE jobs ADD COLUMN removed TEXT NOT NULL DEFAULT ''"
_EARLIER_TIMES = "ALTER TABLE reviews ADD COLUMN earlier TEXT NOT NULL DEFAULT ''"
_RATING_TIMES = "ALTER TABLE reviews ADD COLUMN rated TEXT NOT NULL DEFAULT ''"


def create(connection: sqlite3.Connection) -> None:
    """Create all tables; ``connection`` is in a transaction."""
    _run(connection, SCHEMA)


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Migrate tables from an earlier ``version``, 1 or more; ``connection`` is in a transaction."""
    start = {1: f"{_FROM_VERSION_1};", 2: f"{_FROM_VERSION_2};"}.get(version, "")
    removed = "" if version > 3 else f"{_REMOVED_JOBS};"
    trash = "" if version > 4 else f"{_TRASH_TABLES};"
    earlier = "" if version == 1 or version > 5 else f"{_EARLIER_TIMES};"
    rated = "" if version == 1 else f"{_RATING_TIMES};"
    _run(connection, (start + removed + trash + earlier + rated).rstrip(";"))


def _run(connection: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";"):
        connection.execute(statement)  # executescript would commit first
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
