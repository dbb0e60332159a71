"""Published values are matched to our cells by every name that they give."""

import math

import pandas as pd
import pytest

from reports.published import published_table
from reports.run_directory import CELL

LISTED = pd.DataFrame(
    {"metric": ["accuracy", "brier"], "display": ["Accuracy", "Brier"], "higher_is_better": [True, False]}
)
VALUES = {("glcm", "svm"): (0.9, 0.2), ("lbp", "svm"): (0.8, 0.1), ("lbp", "knn"): (0.7, 0.3)}


@pytest.fixture
def ours():
    cells = [
        {
            "dataset": "d",
            "task": task,
            "protocol": "p",
            "preprocessing": "none",
            "extractor": e,
            "classifier": c,
        }
        | {"variant": "", "role": "cell", "key": f"{task}{e}{c}", "status": "done"}
        for task in ("a", "b")
        for e, c in VALUES
    ]
    rows = [
        {name: cell[name] for name in CELL}
        | {"class": None, "metric": metric, "mean": value, "sd": 0.01, "folds": 5, "defined": 5}
        | {"pooled": value, "low": value - 0.1, "high": value + 0.1}
        for cell in cells
        for metric, value in zip(LISTED["metric"], VALUES[cell["extractor"], cell["classifier"]], strict=True)
    ]
    return pd.DataFrame(cells), pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("quoted", "expected"),
    [
        ({"task": "a", "classifier": "svm", "accuracy": 0.95}, [("a", "glcm", "svm", 2, -0.05)]),
        ({"task": "a", "classifier": "svm", "brier": 0.15}, [("a", "lbp", "svm", 2, -0.05)]),
        (
            {"task": "b", "extractor": "lbp", "classifier": "knn", "accuracy": 0.6},
            [("b", "lbp", "knn", 1, 0.1)],
        ),
        ({"classifier": "knn", "accuracy": 0.7}, [("a", "lbp", "knn", 1, 0.0), ("b", "lbp", "knn", 1, 0.0)]),
    ],
)
def test_the_best_matching_cell_of_each_section_stands_beside_the_quoted_value(ours, quoted, expected):
    table = published_table([{"source": "s", **quoted}], *ours, LISTED)
    columns = ["task", "extractor", "classifier", "candidates"]
    assert list(table[columns].itertuples(index=False, name=None)) == [row[:4] for row in expected]
    assert table["difference"].tolist() == pytest.approx([row[4] for row in expected])


@pytest.mark.parametrize("quoted", [{"task": "c", "accuracy": 0.9}, {"task": "a", "loss": 0.9}])
def test_a_quoted_value_that_no_cell_matches_is_kept_without_ours(ours, quoted):
    table = published_table([{"source": "s", **quoted}], *ours, LISTED)
    assert table["published"].tolist() == [0.9]
    assert table["candidates"].tolist() == [0]
    assert math.isnan(table["difference"][0])
