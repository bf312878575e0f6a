"""Datasets to review: a few real images, or many thousands written in bulk."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from support.dataset_samples import make_job, make_provenance, make_task
from support.job_states import bring_to
from support.radiographs import radiograph
from support.review_tables import large_tables

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout, png, review_log
from xray_tui.dataset.files.encoding import encode
from xray_tui.dataset.opinions import Opinion, Review
from xray_tui.parameters import GenerationParameters

LABELS = ("normal", "pneumonia", "effusion")
_PICTURES = 20
"""Different pictures in a large dataset; many files share each of them."""
_PHASH = "printf('%08x%08x', {}, {})".format(
    "(record_id * 2654435761) & 4294967295", "(record_id * 2246822519) & 4294967295"
)


def save_images(root: Path, count: int, side: int = 64) -> None:
    """Write a dataset of ``count`` different chest images; record ids from 1, label by label.

    The files are adopted in one transaction, because saving them one by one takes much longer.
    The images count as examined: no two are near duplicates, and all pass the checks.
    """
    parameters = GenerationParameters.build({"width": side, "height": side})
    for number in range(count):
        label = LABELS[number % len(LABELS)]
        task = make_task(number, label=label, prompt_id=f"chest-{number:03}", parameters=parameters)
        path = layout.image_path(root, task)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png.encode(radiograph(number, side), task, make_provenance()))
    Dataset(root).close()
    with closing(sqlite3.connect(root / layout.CATALOG)) as connection, connection:
        connection.execute(f"UPDATE images SET phash = {_PHASH}")


def add_finished_job(root: Path) -> None:
    """Put a job into the queue that is done; its images are not in the dataset."""
    dataset = Dataset(root)
    dataset.queue.add(make_job([make_task(1), make_task(2)]))
    bring_to(dataset.queue, "job-1", "done")
    dataset.close()


def write_large_dataset(root: Path, count: int, side: int) -> None:
    """Write a dataset of ``count`` images of ``side`` pixels, reviewed by anna, bob and two more.

    Tables and files are written directly in their final state; each file is a hard link to one of
    20 pictures.
    """
    (root / layout.PRIVATE).mkdir(parents=True)
    connection = large_tables(str(root / layout.CATALOG), count)
    _add_records(connection, side)
    _write_lines(connection, root)
    pictures = [root / layout.PRIVATE / f"picture-{number}" for number in range(_PICTURES)]
    for number, picture in enumerate(pictures):
        radiograph(number, side).save(picture, "PNG")
    files = [file for (file,) in connection.execute("SELECT file FROM images ORDER BY record_id")]
    for folder in {(root / file).parent for file in files}:
        folder.mkdir(parents=True)
    for number, file in enumerate(files):
        os.link(pictures[number % _PICTURES], root / file)
    connection.close()


def _add_records(connection: sqlite3.Connection, side: int) -> None:
    task = make_task(parameters=GenerationParameters.build({"width": side, "height": side}))
    connection.execute("BEGIN")
    connection.execute(
        "INSERT INTO records SELECT record_id, printf('%064x', record_id), '', prompt_id, file,"
        " ?, ?, json_set(?, '$.region', region, '$.label', label, '$.prompt_id', prompt_id,"
        " '$.text', text, '$.seed', seed), ? FROM images",
        (side, side, encode(task), encode(make_provenance())),
    )
    connection.execute(f"UPDATE images SET phash = {_PHASH}")
    connection.execute("COMMIT")


def _write_lines(connection: sqlite3.Connection, root: Path) -> None:
    """Write metadata.jsonl, with the fields that are read at opening, and reviews.jsonl."""
    with (root / layout.METADATA).open("w") as file:
        for name, text in connection.execute("SELECT file, text FROM images ORDER BY record_id"):
            file.write(json.dumps({"file_name": name, "text": text}) + "\n")
    with (root / layout.REVIEWS).open("w") as file:
        for name, task_id, *opinion, reviewer, when in connection.execute(
            "SELECT file, task_id, decision, rating, tags, note, reviewer, reviewed FROM reviews"
            " JOIN records ON records.id = record_id ORDER BY reviewer, record_id"
        ):
            decision, rating, tags, note = opinion
            review = Review(reviewer, Opinion(decision, rating, tuple(tags.split()), note), when)
            file.write(review_log.line(name, task_id, review) + "\n")
