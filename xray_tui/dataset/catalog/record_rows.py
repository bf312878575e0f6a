"""SQL that stores a record, shared by saving and repair."""

from __future__ import annotations

import sqlite3

from xray_tui.dataset.catalog import waiting_reviews
from xray_tui.dataset.files.encoding import encode
from xray_tui.dataset.records import NewRecord, label_of


def store(connection: sqlite3.Connection, new: NewRecord, record_id: int | None = None) -> int:
    """Store a record and mark its task done; returns the record's id.

    An earlier record of the same task keeps its id and reviews; a record that was removed gets its
    reviews back, and its id if that is given as ``record_id`` and is free. ``connection`` is in a
    transaction.
    """
    task, provenance, examined = new.task, new.provenance, new.examined
    width, height = new.size
    taken = connection.execute("SELECT 1 FROM records WHERE id = ?", (record_id,)).fetchone()
    connection.execute(
        "INSERT INTO records (id, task_id, job_id, prompt_id, file, width, height, task,"
        " provenance) VALUES (:id, :task_id, :job_id, :prompt_id, :file, :width, :height, :task,"
        " :provenance)"
        " ON CONFLICT (task_id) DO UPDATE SET file = excluded.file,"
        " job_id = CASE excluded.job_id WHEN '' THEN job_id ELSE excluded.job_id END,"
        " width = excluded.width, height = excluded.height, task = excluded.task,"
        " provenance = excluded.provenance",
        {
            "id": None if taken else record_id,
            "task_id": task.id,
            "job_id": new.job_id,
            "prompt_id": task.prompt_id,
            "file": new.file,
            "width": width,
            "height": height,
            "task": encode(task),
            "provenance": encode(provenance),
        },
    )
    connection.execute(
        "UPDATE tasks SET state = 'done', error = '' WHERE job_id = ? AND task_id = ?",
        (new.job_id, task.id),
    )
    (number,) = connection.execute(
        "SELECT id FROM records WHERE task_id = ?", (task.id,)
    ).fetchone()
    connection.execute(
        "INSERT OR REPLACE INTO images (record_id, file, region, label, prompt_id, text, seed,"
        " created, phash, checks, job_id, model, scheduler, steps) VALUES (:record_id, :file,"
        " :region, :label, :prompt_id, :text, :seed, :created, :phash, :checks,"
        " (SELECT job_id FROM records WHERE id = :record_id), :model, :scheduler, :steps)",
        {
            "record_id": number,
            "file": new.file,
            "region": task.region,
            "label": label_of(new.file),
            "prompt_id": task.prompt_id,
            "text": task.text,
            "seed": task.seed,
            "created": provenance.created,
            "phash": None if examined is None else examined.phash,
            "checks": "" if examined is None else " ".join(examined.checks),
            "model": provenance.model,
            "scheduler": task.parameters.scheduler,
            "steps": task.parameters.steps,
        },
    )
    connection.execute("DELETE FROM purged WHERE task_id = ?", (task.id,))
    waiting_reviews.restore(connection, task.id, number)
    return int(number)
