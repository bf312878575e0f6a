"""``xray-tui verify``: every kind of problem is found, reported, and repaired on request."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from support.advice import advised
from support.dataset_samples import (
    assert_in_step,
    make_image,
    make_job,
    make_provenance,
    make_task,
    without_image,
)
from support.job_states import bring_to
from support.marks import with_packet, without_mark
from typer.testing import CliRunner

from xray_tui.cli.main import app
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import png, review_log, xmp
from xray_tui.dataset.repair.verifying import Verified, verify
from xray_tui.errors import DatasetError, DatasetLockedError

IMAGES = 4


def check(root: Path, repair: bool = False) -> Verified:
    return verify(root, repair=repair)


def kinds(verified: Verified) -> list[str]:
    return [problem.kind for problem in verified.findings.problems]


@pytest.fixture
def files(root: Path) -> list[str]:
    """A dataset of one finished job, with all images reviewed."""
    dataset = Dataset(root)
    tasks = [make_task(seed) for seed in range(IMAGES)]
    dataset.queue.add(make_job(tasks))
    with dataset.generator_lock():
        records = [dataset.save(make_image(t.seed), t, make_provenance(), "job-1") for t in tasks]
    for record in records:
        dataset.desk("ann").set_decision([record.id], "accepted")
    bring_to(dataset.queue, "job-1", "done")
    dataset.close()
    return [record.file for record in records]


def snapshot(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def execute(root: Path, sql: str, *values: object) -> None:
    connection = sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")
    with connection:
        connection.execute(sql, values)
    connection.close()


# ---- kinds of damage -----------------------------------------------------------------------------


def leave_temporary(root: Path, files: list[str]) -> None:
    (root / "chest" / "normal" / ".xray-tui-1-ab.tmp").write_bytes(b"half")


def tear(root: Path, files: list[str]) -> None:
    (root / files[1]).write_bytes((root / files[1]).read_bytes()[:-30])


def empty(root: Path, files: list[str]) -> None:
    (root / files[1]).write_bytes(b"")


def garble_pixels(root: Path, files: list[str]) -> None:
    """Replace the pixels with invalid data that has correct checksums."""
    data = (root / files[1]).read_bytes()
    begin = data.index(b"IDAT") - 4
    body = b"IDAT" + zlib.compress(b"\0" * 100)
    chunk = (len(body) - 4).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)
    (root / files[1]).write_bytes(data[:begin] + chunk + data[-12:])


def forget(root: Path, files: list[str]) -> None:
    execute(root, "DELETE FROM reviews WHERE record_id = 2")
    execute(root, "DELETE FROM records WHERE file = ?", files[1])


def forget_torn(root: Path, files: list[str]) -> None:
    tear(root, files)
    forget(root, files)


def delete(root: Path, files: list[str]) -> None:
    (root / files[1]).unlink()


def swap(root: Path, files: list[str]) -> None:
    shutil.copy(root / files[2], root / files[1])


def other_provenance(root: Path, files: list[str]) -> None:
    (root / files[1]).write_bytes(
        png.encode(make_image(1), make_task(1), make_provenance(device="cuda"), "job-1")
    )


def wrong_task_id(root: Path, files: list[str]) -> None:
    execute(root, "UPDATE records SET task_id = 'x' WHERE file = ?", files[1])


def wrong_size(root: Path, files: list[str]) -> None:
    execute(root, "UPDATE records SET width = 512 WHERE file = ?", files[1])


def edit_metadata(root: Path, files: list[str]) -> None:
    path = root / "metadata.jsonl"
    path.write_text(path.read_text().replace("woman", "man", 1))


def add_metadata(root: Path, files: list[str]) -> None:
    with (root / "metadata.jsonl").open("a") as file:
        file.write("{}\n")


def delete_metadata(root: Path, files: list[str]) -> None:
    (root / "metadata.jsonl").unlink()


def bad_review(root: Path, files: list[str]) -> None:
    path = root / ".xray-tui" / "reviews.jsonl"
    lines = path.read_text().splitlines()
    lines.insert(1, '{"decision": "perhaps"} \u001b[31m')
    path.write_text("\n".join(lines) + '\n{"file": "che')


def missed_review(root: Path, files: list[str]) -> None:
    execute(root, "DELETE FROM reviews WHERE record_id = 2")


def lose_reviews(root: Path, files: list[str]) -> None:
    (root / ".xray-tui" / "reviews.jsonl").unlink()


def shorten_reviews(root: Path, files: list[str]) -> None:
    path = root / ".xray-tui" / "reviews.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[2:]))


DAMAGES: list[tuple[Callable[[Path, list[str]], None], list[str], int]] = [
    (leave_temporary, ["temporary file"], IMAGES),
    (tear, ["bad image"], IMAGES - 1),
    (empty, ["bad image"], IMAGES - 1),
    (garble_pixels, ["bad image"], IMAGES - 1),
    (forget, ["no record", "metadata"], IMAGES),
    (forget_torn, ["no record", "metadata"], IMAGES - 1),
    (delete, ["no file"], IMAGES - 1),
    (swap, ["disagreement"], IMAGES - 1),
    (other_provenance, ["disagreement"], IMAGES),
    (wrong_task_id, ["disagreement"], IMAGES),
    (wrong_size, ["size", "metadata"], IMAGES),
    (edit_metadata, ["metadata"], IMAGES),
    (add_metadata, ["metadata"], IMAGES),
    (delete_metadata, ["metadata"], IMAGES),
    (bad_review, ["reviews", "reviews"], IMAGES),
    (missed_review, ["reviews"], IMAGES),
    (lose_reviews, ["reviews"], IMAGES),
    (shorten_reviews, ["reviews"], IMAGES),
]


@pytest.mark.parametrize(
    ("damage", "expected", "kept"), DAMAGES, ids=[damage.__name__ for damage, *_ in DAMAGES]
)
def test_damage_is_found_and_repaired(
    root: Path,
    files: list[str],
    damage: Callable[[Path, list[str]], None],
    expected: list[str],
    kept: int,
) -> None:
    damage(root, files)
    before = snapshot(root)
    found = check(root)
    assert snapshot(root) == before  # a check changes nothing
    reported = [kind for kind in kinds(found) if damage is not wrong_task_id or kind != "reviews"]
    assert reported == expected
    assert found.left == found.findings.problems

    mended = check(root, repair=True)
    assert kinds(mended) == kinds(found)
    assert mended.left == ()
    assert kinds(check(root)) == []
    assert len(assert_in_step(root)) == kept

    dataset = Dataset(root)
    job = dataset.queue.row("job-1")
    assert job is not None
    assert (job.done, job.state) == (kept, "done" if kept == IMAGES else "interrupted")
    assert dataset.catalog.counts()["chest-normal"].accepted == kept
    if kept < IMAGES:  # images that cannot be repaired can be generated again
        (missing,) = without_image(dataset, [make_task(seed) for seed in range(IMAGES)])
        dataset.save(make_image(1), missing, make_provenance(), "job-1")
    dataset.close()
    assert len(assert_in_step(root)) == IMAGES
    moved = list((root / ".xray-tui").glob("quarantine/chest/normal/*.png"))
    assert len(moved) == (kept < IMAGES and damage is not delete)


def test_broken_and_missing_images_are_counted_together(root: Path, files: list[str]) -> None:
    delete(root, files)
    (root / files[2]).write_bytes(b"torn")
    notes = check(root, repair=True).notes
    (line,) = [note for note in notes if "can be generated again" in note]
    assert line.startswith("2 missing images can be generated again when their jobs run; to run")
    assert "1 record of missing images removed" in notes


def test_lost_reviews_are_counted_and_written_again(root: Path, files: list[str]) -> None:
    dataset = Dataset(root)
    dataset.desk("bob").set_note([1], "left apex")
    known = {
        record.task.id: {one.reviewer: one for one in dataset.catalog.reviews(record.id)}
        for record in dataset.catalog.records()
    }
    dataset.close()
    (root / files[3]).unlink()
    check(root, repair=True)  # its review waits in the catalog
    lose_reviews(root, files)
    (problem,) = check(root, repair=True).findings.problems
    assert problem.text == "it lacks 5 reviews that the catalog has: 4 by ann, 1 by bob"
    opinions, bad = review_log.read_all(root / ".xray-tui" / "reviews.jsonl")
    assert (opinions, bad) == (known, [])


def test_a_review_given_during_the_check_is_not_reported_as_lost(
    root: Path, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read from the catalog before the file, as it is written to the file first."""
    dataset = Dataset(root)
    read_all = review_log.read_all

    def meanwhile(path: Path) -> object:
        found = read_all(path)
        dataset.desk("bob").set_decision([1], "rejected")
        return found

    monkeypatch.setattr(review_log, "read_all", meanwhile)
    assert not any("it lacks" in problem.text for problem in check(root).findings.problems)
    dataset.close()


def test_bad_lines_are_set_aside_without_moving_others(root: Path, files: list[str]) -> None:
    path = root / ".xray-tui" / "reviews.jsonl"
    bad_review(root, files)
    before = path.read_bytes()
    check(root, repair=True)
    after = path.read_bytes()
    assert len(after) == len(before)
    assert [line for line in after.splitlines() if line.strip()] == before.splitlines()[:1] + (
        before.splitlines()[2:-1]
    )
    aside = (root / ".xray-tui" / "quarantine" / "reviews.txt").read_text().splitlines()
    assert aside == ['{"decision": "perhaps"} \u001b[31m', '{"file": "che']


def test_foreign_files_are_reported_and_not_touched(root: Path, files: list[str]) -> None:
    folder = root / "chest" / "normal"
    (folder / "notes.txt").write_text("left apex")
    (folder / "holiday.png").write_bytes((root / files[0]).read_bytes())
    (folder / "torn.png").write_bytes((root / files[0]).read_bytes()[:-30])
    (folder / "raw").mkdir()
    (folder / "link.png").symlink_to(root / files[0])
    (folder / ".hidden").write_text("")
    (root / "venv" / "bin").mkdir(parents=True)
    (root / "venv" / "bin" / "python").write_text("")
    (root / "venv" / "bin" / "logo.png").write_text("")
    before = snapshot(root)
    found = check(root, repair=True)
    assert kinds(found) == [] and snapshot(root) == before
    expected = [
        ("chest/normal/holiday.png", "an image that was not generated here"),
        ("chest/normal/link.png", "a link, not an image"),
        ("chest/normal/notes.txt", "not a PNG or JPEG image"),
        ("chest/normal/raw", "cannot be read (it is a folder)"),
        ("chest/normal/torn.png", "cannot be read (it is damaged)"),
        ("venv/bin/logo.png", "not a PNG or JPEG image"),
    ]
    assert [(file.file, file.text) for file in found.findings.foreign_files] == expected
    code, lines = run("verify", root)
    assert code == 0
    assert lines[:-1] == [f"{file}: {text}; not touched" for file, text in expected]
    code, lines = run("verify", root, "--json")
    reported = json.loads(lines[-1])["strangers"]
    assert [(file["file"], file["text"]) for file in reported] == expected


# ---- the catalog ---------------------------------------------------------------------------------


def test_a_catalog_that_cannot_be_opened_is_the_only_problem_found(
    root: Path, files: list[str]
) -> None:
    (root / ".xray-tui" / "catalog.sqlite").write_bytes(b"rubbish" * 1000)
    for repair in (False, True):
        found = check(root, repair=repair)
        assert kinds(found) == ["catalog"]
        assert "xray-tui rebuild" in found.left[0].text
        assert not found.images_checked
        arguments = ["verify", root, "--repair"] if repair else ["verify", root]
        code, lines = run(*arguments)
        assert code == 1
        assert lines[-1].endswith(
            f"no images checked, because that needs a catalog; to rebuild it: "
            f"xray-tui rebuild --dataset {root}"
        )
        assert "--repair" not in "".join(lines)


def test_an_integrity_check_finds_damage_inside_the_catalog(root: Path, files: list[str]) -> None:
    """An index that disagrees with its table; the catalog can still be opened."""
    path = root / ".xray-tui" / "catalog.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA writable_schema = ON")
    ((page,),) = connection.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'records_by_prompt'"
    )
    ((size,),) = connection.execute("PRAGMA page_size")
    connection.close()
    data = bytearray(path.read_bytes())
    at = data.index(b"chest-normal", (page - 1) * size)
    data[at : at + 5] = b"cheat"
    path.write_bytes(data)
    found = check(root, repair=True)
    assert kinds(found)[0] == "catalog"
    assert found.left
    for arguments in (["verify", root], ["verify", root, "--repair"]):
        assert run(*arguments)[1][-1].endswith(f"; to repair: xray-tui rebuild --dataset {root}")


@pytest.mark.parametrize("how", ["deleted", "emptied"])
def test_a_missing_catalog(root: Path, files: list[str], how: str) -> None:
    path = root / ".xray-tui" / "catalog.sqlite"
    path.unlink() if how == "deleted" else path.write_bytes(b"")
    before = snapshot(root)
    assert kinds(check(root)) == ["no catalog"]
    assert run("verify", root)[1][-1].endswith(
        f"to rebuild it: xray-tui verify --repair --dataset {root}"
    )
    assert snapshot(root) == before
    assert check(root, repair=True).left == ()
    assert kinds(check(root)) == []
    assert len(assert_in_step(root)) == IMAGES

    path.unlink()
    (problem,) = check(root).findings.problems
    advised("it is rebuilt when xray-tui opens the dataset", problem.text)
    Dataset(root).close()
    assert kinds(check(root)) == []


# ---- while another process generates -------------------------------------------------------------


def test_while_images_are_generated_only_recorded_ones_are_checked(
    root: Path, files: list[str]
) -> None:
    dataset = Dataset(root)
    with dataset.generator_lock():
        leave_temporary(root, files)
        found = check(root)
        assert kinds(found) == []
        assert found.findings.images == IMAGES
        # True as well of an app whose queue is paused.
        assert found.notes == (
            f"images without a record were not checked: process {os.getpid()} may be saving them",
        )
        tear(root, files)
        assert kinds(check(root)) == ["bad image"]
        with pytest.raises(DatasetLockedError):
            check(root, repair=True)
    dataset.close()


def test_a_process_that_only_checks_is_not_named_as_generator(root: Path, files: list[str]) -> None:
    dataset = Dataset(root)
    reported: list[str] = []

    def try_to_generate(*_: object) -> None:
        if reported:
            return
        assert dataset.lock_holder() is None
        with pytest.raises(DatasetLockedError) as caught, dataset.generator_lock():
            pass
        reported.append(str(caught.value))

    assert verify(root, try_to_generate).left == ()
    assert "another process is checking this dataset" in reported[0]
    with dataset.generator_lock():
        pass
    dataset.close()


def test_a_check_leaves_the_name_of_a_crashed_generator(root: Path, files: list[str]) -> None:
    """The next generator must learn that there may be damage to repair."""
    holder = root / ".xray-tui" / "generator.json"
    holder.write_text(f'{{"pid": 1, "host": "{socket.gethostname()}", "since": "", "started": 1}}')
    assert check(root).left == ()
    assert holder.exists()


@pytest.mark.parametrize("where", ["", "nowhere"])
def test_a_folder_that_is_not_a_dataset_is_not_touched(tmp_path: Path, where: str) -> None:
    with pytest.raises(DatasetError, match="there is no dataset here"):
        check(tmp_path / where)
    assert not list(tmp_path.iterdir())


# ---- the command ---------------------------------------------------------------------------------


def run(*arguments: object) -> tuple[int, list[str]]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout.splitlines()


def test_the_command_reports_and_repairs(root: Path, files: list[str]) -> None:
    found = "4 images checked, 4 marked as synthetic, no problems found"
    assert run("verify", root) == (0, [f"{root}: {found}"])
    tear(root, files)
    bad_review(root, files)
    code, lines = run("verify", root)
    assert code == 1
    assert lines[0].startswith(f"{files[1]}: a broken PNG file")
    assert lines[-1].endswith(f"3 problems; to repair: xray-tui verify --repair --dataset {root}")
    code, lines = run("verify", "--repair", root)
    assert code == 0
    assert lines[0].startswith(f"repaired: {files[1]}: a broken PNG file")
    assert lines[-1].endswith("3 problems repaired")
    assert lines[3] == (
        f"{files[1]} moved to .xray-tui/quarantine/{files[1]}: "
        "a broken PNG file: cut off or damaged"
    )
    assert all(line.isprintable() for line in lines)
    assert run("verify", root)[0] == 0


def test_the_command_prints_json(root: Path, files: list[str]) -> None:
    tear(root, files)
    code, lines = run("verify", root, "--json", "--repair")
    assert code == 0
    problem, summary = map(json.loads, lines)
    assert (problem["kind"], problem["file"], problem["mended"]) == ("bad image", files[1], True)
    assert (summary["images"], summary["problems"], summary["left"]) == (4, 1, 0)


def test_images_of_earlier_versions_are_marked(root: Path, files: list[str]) -> None:
    """They have no XMP packet; the check says so, and only the repair changes them."""
    for file in files[:2]:
        (root / file).write_bytes(without_mark((root / file).read_bytes()))
    before = snapshot(root)
    code, lines = run("verify", root)
    named = f"not marked: {', '.join(files[:2])}; to mark them: xray-tui verify --repair"
    assert code == 0 and lines[0].startswith(f"2 images marked as synthetic; {named}")
    assert snapshot(root).items() >= {file: before[file] for file in files}.items()
    verified = check(root, repair=True)
    assert verified.unmarked == verified.left == () and verified.marked == 4
    assert "4 marked as synthetic" in run("verify", root)[1][0]
    assert all(png.read_pixels(root / file).is_marked for file in files)


def test_ratings_are_written_into_the_files_by_the_repair(root: Path, files: list[str]) -> None:
    dataset = Dataset(root)
    desk = dataset.desk("anna")
    desk.set_rating([1], 4)
    desk.set_decision([2], "rejected")
    dataset.close()
    before = snapshot(root)
    code, lines = run("verify", root)
    assert code == 0
    advised("without the latest rating; to write it: ", lines[0])
    assert lines[0] == (
        f"2 files without the latest rating; to write it: xray-tui verify --repair --dataset {root}"
    )
    assert snapshot(root).items() >= {file: before[file] for file in files}.items()
    assert run("verify", "--repair", root)[1][0] == "ratings written into 2 files"
    assert [png.read_pixels(root / file).rating for file in files] == [4, -1, 0, 0]
    assert json.loads(run("verify", root, "--json")[1][-1])["old_ratings"] == []


def test_a_rating_that_another_program_wrote_stays_and_is_not_asked_about(
    root: Path, files: list[str]
) -> None:
    mark = f'<rdf:Description rdf:about="" xmlns:xmp="x" xmp:Rating="2">{xmp.SYNTHETIC}'
    packet = f"<rdf:RDF>{mark}</rdf:Description></rdf:RDF>"
    (root / files[0]).write_bytes(with_packet((root / files[0]).read_bytes(), packet))
    before = snapshot(root)
    assert run("verify", root)[1] == [
        f"{root}: 4 images checked, 4 marked as synthetic, no problems found"
    ]
    assert "ratings" not in " ".join(run("verify", "--repair", root)[1])
    assert snapshot(root)[files[0]] == before[files[0]]
