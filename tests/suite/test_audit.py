"""Each finding is made where it should be, and only there; errors stop a run unless ignored by name."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from suite.audit import CODES, audit, check_ignored_codes, refuse_errors
from suite.errors import DataError
from suite.executors import Workers
from suite.grid_reader import build_grid
from suite.preparation import get_ready
from suite.store import Store


class Silent:
    def start(self, stage, total):
        pass

    def advance(self, stage, steps=1, detail=""):
        pass


@pytest.fixture
def findings_of(tmp_path):
    """Write images and a manifest, and return the findings of a small grid on them by code."""

    def run(rows, images=None, protocol=None, **grid):
        random = np.random.default_rng(0)
        table = pd.DataFrame(rows)
        for number, name in enumerate(table["path"]):
            pixels = random.integers(0, 255, (16, 16), dtype=np.uint8)
            if images and name in images:
                pixels = images[name]
            Image.fromarray(pixels).save(tmp_path / name)
            assert number < 1000
        table.to_csv(tmp_path / "manifest.csv", index=False)
        raw = {
            "name": "x",
            "dataset": {"type": "manifest", "path": "manifest.csv"},
            "protocol": protocol or {"type": "kfold", "folds": 2},
            "extractors": ["first_order"],
            "classifiers": ["knn"],
            **grid,
        }
        with Workers(1) as workers:
            ready = get_ready(build_grid(raw, tmp_path, {}), Store(tmp_path / "store"), workers, Silent())
        return {finding.code: finding for finding in ready.findings}

    return run


def rows(n=24, **columns):
    base = {
        "path": [f"{k}.png" for k in range(n)],
        "label": ["a", "b"] * (n // 2),
        "patient_id": [f"p{k}" for k in range(n)],
    }
    return {**base, **columns}


def test_clean_data_give_no_finding(findings_of):
    assert findings_of(rows()) == {}


def test_no_patients(findings_of):
    without = rows()
    del without["patient_id"]
    assert list(findings_of(without)) == ["NO_GROUPS"]


def test_exact_copies_on_both_sides_of_a_fold(findings_of):
    same = np.arange(256, dtype=np.uint8).reshape(16, 16)
    copies = {f"{k}.png": same for k in range(0, 24, 4)}  # all of class a, six patients
    finding = findings_of(rows(), images=copies)["SAME_PICTURE_ACROSS_FOLDS"]
    assert set(finding.samples) == set(copies)
    assert finding.severity == "error"
    with pytest.raises(DataError, match=r"audit SAME_PICTURE_ACROSS_FOLDS: .*6 images are exact copies"):
        refuse_errors([finding])


def test_copies_within_one_patient_are_no_leak(findings_of):
    same = np.arange(256, dtype=np.uint8).reshape(16, 16)
    patients = ["p0" if k in (0, 4) else f"p{k}" for k in range(24)]
    assert findings_of(rows(patient_id=patients), images={"0.png": same, "4.png": same}) == {}


def test_one_picture_with_two_labels(findings_of):
    same = np.arange(256, dtype=np.uint8).reshape(16, 16)
    finding = findings_of(rows(), images={"0.png": same, "1.png": same})["SAME_PICTURE_TWO_LABELS"]
    assert finding.samples == ("0.png", "1.png")


def test_patients_torn_apart_on_demand_and_by_mistake(findings_of):
    pairs = [f"p{k // 4}" for k in range(24)]
    split = ["train", "test"] * 12
    labels = ["a", "a", "b", "b"] * 6
    asked = findings_of(rows(patient_id=pairs), protocol={"type": "kfold", "folds": 2, "group": None})
    assert asked["SAMPLE_LEVEL_SPLIT"].severity == "warning"
    assert "6 groups" in asked["SAMPLE_LEVEL_SPLIT"].message
    official = findings_of(rows(patient_id=pairs, label=labels, split=split), protocol={"type": "official"})
    assert official["GROUP_ACROSS_FOLDS"].severity == "error"
    ignored = findings_of(
        rows(patient_id=pairs, label=labels, split=split),
        protocol={"type": "official"},
        audit={"ignore": ["GROUP_ACROSS_FOLDS"]},
    )["GROUP_ACROSS_FOLDS"]
    assert ignored.ignored
    refuse_errors([ignored])


def test_class_is_source_and_class_goes_with_source(findings_of):
    equal = findings_of(rows(source=["x", "y"] * 12))
    assert "CLASS_IS_SOURCE" in equal
    mostly = findings_of(rows(source=["x", "y"] * 11 + ["y", "x"]))["CLASS_SOURCE_CONFOUNDED"]
    # 2×2 table 11, 1; 1, 11: V = |11·11 − 1·1| / 144, before Yates' correction
    assert "V = 0.83" in mostly.message
    assert "CLASS_SOURCE_CONFOUNDED" not in findings_of(rows(source=["x", "x", "y", "y"] * 6))


def test_class_goes_with_size(findings_of):
    wide = {f"{k}.png": np.arange(16 * 24, dtype=np.uint8).reshape(16, 24) + k for k in range(0, 24, 2)}
    assert "image size go together" in findings_of(rows(), images=wide)["CLASS_SIZE_CONFOUNDED"].message


def test_constant_images(findings_of):
    black = {"3.png": np.zeros((16, 16), np.uint8)}
    assert findings_of(rows(), images=black)["CONSTANT_IMAGE"].samples == ("3.png",)


def test_patients_with_several_labels_are_noted(findings_of):
    finding = findings_of(rows(patient_id=[f"p{k // 2}" for k in range(24)]))["GROUP_WITH_SEVERAL_LABELS"]
    assert "12 groups" in finding.message


def test_small_classes(findings_of):
    labels = ["b" if k % 6 == 0 else "a" for k in range(24)]
    assert "only few samples of a class: 2 of 'b'" in findings_of(rows(label=labels))["SMALL_CLASS"].message


def test_unknown_codes_get_the_nearest():
    (problem,) = check_ignored_codes(["NO_GROUP"])
    assert "Did you mean 'NO_GROUPS'" in problem.message
    assert check_ignored_codes(list(CODES)) == []


def test_findings_are_the_audits_own():
    assert audit([], type("Plan", (), {"settings": {}})(), []) == []
