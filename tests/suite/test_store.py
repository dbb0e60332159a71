"""Artifacts are whole or absent: whatever is cut, altered or emptied counts as not there."""

import threading

import pyarrow as pa
import pytest

from suite.errors import SuiteError
from suite.store import Store, write_atomically


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "store")
    store.write("fits", "ab12", pa.table({"x": [1.5, float("nan")]}), {"seconds": 0.25, "names": ["é"]})
    return store


def files(store):
    return sorted(path for path in store.root.rglob("*") if path.is_file())


def test_round_trip(store):
    table, facts = store.read("fits", "ab12")
    assert table["x"][0].as_py() == 1.5
    assert facts == {"seconds": 0.25, "names": ["é"]}
    assert store.facts("fits", "ab12") == facts
    assert store.verify("fits", "ab12")


def test_absent_is_none(store):
    assert store.read("fits", "cd34") is None
    assert store.facts("fits", "cd34") is None
    assert not store.verify("fits", "cd34")


@pytest.mark.parametrize("suffix", [".json", ".parquet"])
@pytest.mark.parametrize("damage", ["empty", "truncate", "flip", "remove"])
def test_damage_is_noticed(store, suffix, damage):
    (path,) = [path for path in files(store) if path.suffix == suffix]
    data = path.read_bytes()
    if damage == "remove":
        path.unlink()
    else:
        middle = len(data) // 2
        flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        path.write_bytes({"empty": b"", "truncate": data[:-7], "flip": flipped}[damage])
    assert store.read("fits", "ab12") is None
    assert not store.verify("fits", "ab12")


def test_any_single_flipped_bit_of_the_facts_is_noticed(store):
    (path,) = [path for path in files(store) if path.suffix == ".json"]
    data = path.read_bytes()
    for position in range(len(data)):
        path.write_bytes(data[:position] + bytes([data[position] ^ 4]) + data[position + 1 :])
        assert store.facts("fits", "ab12") is None, position


def test_concurrent_writers_leave_one_whole_artifact(tmp_path):
    store = Store(tmp_path)
    table = pa.table({"x": list(range(1000))})
    threads = [
        threading.Thread(
            target=lambda n=n: [store.write("fits", "aa", table, {"seconds": n}) for _ in range(20)]
        )
        for n in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    read, facts = store.read("fits", "aa")
    assert read.equals(table)
    assert facts["seconds"] in range(5)
    assert len(files(store)) == 2  # no temporary file is left


def test_unwritable_place_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SuiteError, match="cannot be written"):
        write_atomically(tmp_path / "file" / "x", b"")
