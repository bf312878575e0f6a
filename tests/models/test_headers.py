"""Reading the header of any weights file gives a header or a ModelError."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.weight_files import write_raw, write_zeros

from xray_tui.errors import ModelError
from xray_tui.models.headers import WeightsHeader, read_header, read_json

many_examples = settings(
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
GOOD = {
    "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
    "b": {"dtype": "F16", "shape": [4], "data_offsets": [24, 32]},
    "__metadata__": {"format": "pt"},
}
odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(-3, 2**64), max_size=20),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def read(path: Path) -> WeightsHeader | None:
    """The header, or None if it was refused properly."""
    try:
        header = read_header(path)
    except ModelError as error:
        assert str(error).isprintable()
        return None
    assert header.parameters >= 0
    assert all(type(n) is int for shape in header.shapes.values() for n in shape)
    return header


def test_a_valid_file_is_read(tmp_path: Path) -> None:
    header = read_header(write_raw(tmp_path / "x", json.dumps(GOOD).encode(), 32))
    assert header.shapes == {"a": (2, 3), "b": (4,)}
    assert (header.parameters, header.data_bytes) == (10, 32)


def test_a_file_written_by_safetensors_is_read(tmp_path: Path) -> None:
    import numpy as np
    from safetensors.numpy import save_file

    tensors = {
        "x": np.zeros((3, 5), np.float32),
        "s": np.zeros((), np.int64),
        "e": np.zeros((0, 4)),
    }
    save_file(tensors, tmp_path / "x.safetensors")
    header = read_header(tmp_path / "x.safetensors")
    assert header.shapes == {name: array.shape for name, array in tensors.items()}
    assert header.parameters == 16


def test_the_size_of_a_file_does_not_matter(tmp_path: Path) -> None:
    header = read_header(write_zeros(tmp_path / "x", {"w": (1 << 20, 1 << 10)}))
    assert header.parameters == 1 << 30


@many_examples
@given(data=st.binary(max_size=300))
def test_random_bytes_do_no_harm(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    read(tmp_path / "x")


@many_examples
@given(header=st.binary(max_size=200), extra=st.integers(0, 50))
def test_random_headers_do_no_harm(tmp_path: Path, header: bytes, extra: int) -> None:
    read(write_raw(tmp_path / "x", header, extra))


@many_examples
@given(place=st.integers(0, 500), byte=st.integers(0, 255), cut=st.integers(0, 400))
def test_damaged_files_do_no_harm(tmp_path: Path, place: int, byte: int, cut: int) -> None:
    data = bytearray(write_raw(tmp_path / "x", json.dumps(GOOD).encode(), 32).read_bytes())
    data[place % len(data)] = byte
    (tmp_path / "x").write_bytes(data[: len(data) - cut] if cut else data)
    header = read(tmp_path / "x")
    assert header is None or cut == 0


@many_examples
@given(key=st.sampled_from(["dtype", "shape", "data_offsets"]), value=odd)
def test_values_of_other_types_do_no_harm(tmp_path: Path, key: str, value: Any) -> None:
    entries = GOOD | {"a": GOOD["a"] | {key: value}}
    read(write_raw(tmp_path / "x", json.dumps(entries).encode(), 32))


@many_examples
@given(entries=st.one_of(odd, st.dictionaries(st.text(max_size=4), odd, max_size=4)))
def test_entries_of_other_types_do_no_harm(tmp_path: Path, entries: Any) -> None:
    read(write_raw(tmp_path / "x", json.dumps(entries).encode(), 0))


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 20]},
        {"dtype": "F32", "shape": [-2, -3], "data_offsets": [0, 24]},
        {"dtype": "F32", "shape": [2, 3.0], "data_offsets": [0, 24]},
        {"dtype": "F32", "shape": [True, 6], "data_offsets": [0, 24]},
        {"dtype": "F32", "shape": [2, 3], "data_offsets": [24, 0]},
        {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 12, 24]},
        {"dtype": "F32", "shape": "ab", "data_offsets": [0, 24]},
        {"dtype": ["F32"], "shape": [2, 3], "data_offsets": [0, 24]},
        {"dtype": "F32", "shape": [1] * 5000, "data_offsets": [0, 4]},
        {"dtype": "?", "shape": [10**30], "data_offsets": [0, 24]},
        {"dtype": "F32", "shape": [2, 3]},
        [],
        None,
    ],
)
def test_impossible_entries_are_refused(tmp_path: Path, entry: Any) -> None:
    file = write_raw(tmp_path / "x", json.dumps({"a": entry}).encode(), 24)
    with pytest.raises(ModelError, match="header is damaged"):
        read_header(file)


@pytest.mark.parametrize(
    "header", [b"[" * 50_000, b'{"a":' * 20_000, b"9" * 5000, b'{"a": NaN}', b"\xff\xfe", b"  "]
)
def test_headers_that_overload_parsers_are_refused(tmp_path: Path, header: bytes) -> None:
    assert read(write_raw(tmp_path / "x", header, 0)) is None


def test_a_header_longer_than_the_file_is_refused(tmp_path: Path) -> None:
    for length in (0, 1, 10**6, 2**63, 2**64 - 1):
        (tmp_path / "x").write_bytes(length.to_bytes(8, "little") + b"{}")
        assert read(tmp_path / "x") is None


@many_examples
@given(data=st.binary(max_size=100))
def test_random_json_files_do_no_harm(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    try:
        assert isinstance(read_json(tmp_path / "x"), dict)
    except ModelError as error:
        assert str(error).isprintable()


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    for reader in (read_header, read_json):
        with pytest.raises(ModelError):
            reader(tmp_path / "gone")
        with pytest.raises(ModelError):
            reader(tmp_path)
