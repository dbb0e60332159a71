"""Descriptions of data and folds by hand-counted values."""

import pandas as pd

from reports.data_tables import describe_classes, folds_table

SAMPLES = pd.DataFrame(
    {
        "dataset": "d", "sample_id": ["1", "2", "3", "4"], "label": ["a", "a", "a", "b"],
        "group": ["p", "p", "q", None], "source": None, "split": None,
        "width": [100, 200, 600, 50], "height": [10, 20, 30, 40], "bit_depth": [8, 8, 16, 8],
        "format": ["PNG", "JPEG", "PNG", "PNG"], "synthetic": False,
    }
)  # fmt: skip


def test_each_label_is_described():
    a, b = describe_classes(SAMPLES).to_dict("records")
    assert (a["images"], a["patients"], a["per_patient_median"], a["per_patient_max"]) == (3, 2, 1.5, 2)
    assert (a["width_median"], a["width_min"], a["width_max"], a["height_median"]) == (200, 100, 600, 20)
    assert (a["formats"], a["bit_depths"]) == ("PNG, JPEG", "8, 16")
    assert b["images"] == 1
    assert pd.isna(b["patients"])


def test_folds_are_counted_and_patients_on_both_sides_are_found():
    shared = {
        "dataset": "d",
        "preprocessing": "none",
        "task": "t",
        "protocol": "k",
        "variant": "",
        "repeat": 0,
    }
    parts = {0: ["test", "train", "train", "train"], 1: ["train", "train", "test", "test"]}
    folds = pd.DataFrame(
        {**shared, "fold": fold, "sample_id": name, "part": part}
        for fold, of_fold in parts.items()
        for name, part in zip(SAMPLES["sample_id"], of_fold, strict=True)
    )
    (row,) = folds_table(folds, SAMPLES, SAMPLES).to_dict("records")
    assert (row["repeats"], row["folds"]) == (1, 2)
    assert (row["train_min"], row["train_max"], row["test_min"], row["test_max"]) == (2, 3, 1, 2)
    assert row["shared_patients"] == 1  # p: image 1 is tested in fold 0, image 2 trained on
    unknown = SAMPLES.assign(group=None)
    assert folds_table(folds, unknown, unknown)["shared_patients"].isna().all()
