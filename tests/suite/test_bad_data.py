"""Bad data at the command line: every bad file told at once, nothing computed, no traceback."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

GRID = """\
name: bad
dataset: {type: manifest, path: manifest.csv}
protocol: {type: kfold, folds: 2}
extractors: {first_order: {}}
classifiers: {knn: {n_neighbors: 1}}
report: {formats: [csv]}
run: {jobs: 1}
"""


def good(seed):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (24, 24), dtype=np.uint8))


@pytest.fixture
def folder(tmp_path):
    """Write eight good images of two classes and their manifest."""
    rows = []
    for k in range(8):
        good(k).save(tmp_path / f"good{k}.png")
        rows.append({"path": f"good{k}.png", "label": "ab"[k % 2], "patient_id": f"p{k}"})
    (tmp_path / "grid.yaml").write_text(GRID)
    write_rows(tmp_path, rows)
    return tmp_path, rows


def write_rows(folder, rows):
    pd.DataFrame(rows).to_csv(folder / "manifest.csv", index=False)


def spoil(folder):
    """Write bad files of every kind and return what is said of each."""
    good(0).save(folder / "cut.jpg", quality=90)
    data = (folder / "cut.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(data[: len(data) // 2])
    (folder / "zero.png").write_bytes(b"")
    (folder / "text.png").write_text("I am no image")
    Image.new("L", (1, 1)).save(folder / "dot.png")
    frames = [good(1), good(2)]
    frames[0].save(folder / "moving.png", save_all=True, append_images=frames[1:])
    values = np.ones((16, 16), np.float32)
    values[3, 3] = np.nan
    Image.fromarray(values).save(folder / "nan.tif")
    return {
        "cut.jpg": "truncated",
        "zero.png": "empty",
        "text.png": "is no PNG",
        "dot.png": "1×1",
        "moving.png": "2 ",
        "nan.tif": "NaN",
    }


def test_all_bad_files_are_told_at_once_and_nothing_is_computed(folder, suite):
    path, rows = folder
    said = spoil(path)
    write_rows(path, rows + [{"path": name, "label": "a", "patient_id": name} for name in said])
    done = suite("run", "grid.yaml", check=2)
    assert "6 of 14 images cannot be used" in done.stderr
    for name, reason in said.items():
        (line,) = [line for line in done.stderr.splitlines() if line.startswith(f"{name}: ")]
        assert reason in line, line
    assert not (path / "runs" / "bad" / "results").exists()


def test_bad_files_can_be_left_out_and_the_audit_says_so(folder, suite):
    path, rows = folder
    said = spoil(path)
    write_rows(path, rows + [{"path": name, "label": "a", "patient_id": name} for name in said])
    done = suite("run", "grid.yaml", "--set", "run.on_bad_image=skip", check=0)
    assert "IMAGES_SKIPPED 6 images" in done.stderr
    shown = suite("data", "grid.yaml", check=0).stdout
    assert all(name in shown for name in said)


@pytest.mark.parametrize(
    ("mode", "name"),
    [("16 bit", "deep.png"), ("CMYK", "print.jpg"), ("RGBA", "clear.png"), ("constant", "black.png")],
)
def test_odd_but_good_files_are_used(folder, suite, mode, name):
    path, rows = folder
    image = {
        "16 bit": Image.fromarray(np.random.default_rng(0).integers(0, 60_000, (24, 24)).astype(np.uint16)),
        "CMYK": Image.merge("CMYK", [good(k) for k in range(4)]),
        "RGBA": Image.merge("RGBA", [good(k) for k in range(4)]),
        "constant": Image.new("L", (24, 24), 7),
    }[mode]
    image.save(path / name)
    write_rows(path, [*rows, {"path": name, "label": "a", "patient_id": "odd"}])
    done = suite("run", "grid.yaml", check=0)
    assert ("CONSTANT_IMAGE" in done.stderr) == (mode == "constant")


def change(rows, **values):
    return [{**rows[0], **values}, *rows[1:]]


@pytest.mark.parametrize(
    ("change_rows", "message"),
    [
        (lambda rows: change(rows, label=""), "label"),
        (lambda rows: change(rows, label="once"), "class 'once' has 1 groups"),
        (lambda rows: [{**row, "label": "a"} for row in rows], "the one label 'a'"),
        (lambda rows: [*rows, rows[3]], "repeats row 5"),
        (lambda rows: change(rows, path="../../etc/passwd"), "may lead out of the data folder"),
        (lambda rows: change(rows, path="/etc/passwd"), "outside|leaves|escapes|absolute"),
        (lambda rows: change(rows, path="good0.pgn"), r"good0\.pgn"),
        (lambda rows: rows[:0], "empty|no row|column"),
    ],
)
def test_bad_manifests_are_refused(folder, suite, change_rows, message):
    import re

    path, rows = folder
    write_rows(path, change_rows(rows))
    done = suite("run", "grid.yaml", check=2)
    assert re.search(message, done.stderr), done.stderr
    assert not (path / "runs" / "bad" / "results").exists()


def test_a_missing_manifest_names_where_it_was_looked_for(folder, suite):
    path, _ = folder
    (path / "manifest.csv").rename(path / "manifset.csv")
    done = suite("run", "grid.yaml", check=2)
    assert "Did you mean 'manifset.csv'" in done.stderr
