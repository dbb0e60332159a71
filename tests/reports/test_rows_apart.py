"""Rows of their own: fusions of cells, and cells whose extractor and classifier are paired with no other."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest

from reports.content import _glance_entries
from reports.diagnostics import chosen_parameters
from reports.results_tables import comparison
from reports.run_directory import CELL
from reports.tables import summarise

METRIC = SimpleNamespace(metric="accuracy", display="Accuracy", higher_is_better=True)


def cell(extractor, classifier, **more):
    names = {"extractor": extractor, "classifier": classifier, "key": f"{extractor}/{classifier}"}
    where = {"dataset": "d", "task": "t", "protocol": "p", "preprocessing": "none", "variant": ""}
    return {**where, "role": "cell", "status": "done", **names, **more}


def value(row, fold, accuracy):
    measured = {"class": None, "metric": "accuracy", "fold": fold, "value": accuracy}
    return {**{name: row[name] for name in CELL}, **measured, "low": None, "high": None}


def compared(*pairs):
    """Compare cells, each better than the one before it."""
    rows = [cell(*pair) for pair in pairs]
    metrics = [value(row, fold, 0.5 + 0.1 * k) for k, row in enumerate(rows) for fold in (0, 1)]
    summary = summarise(pd.DataFrame(metrics).astype({"low": float, "high": float}))
    return comparison(pd.DataFrame(rows), summary, METRIC, name="accuracy", where="t", headed=False)


@pytest.fixture
def table():
    """Compare two cells with their fusion, the best of the three."""
    return compared(("glcm", "svm"), ("glcm", "knn"), ("score fusion", "both"))


def test_images_and_what_is_trained_on_them_have_rows_of_their_own():
    table = compared(("glcm", "svm"), ("glcm", "knn"), ("lbp", "svm"), ("pixels", "net"), ("pixels", "net2"))
    assert table.columns == ("svm", "knn")
    assert [row.label for row in table.rows] == ["glcm", "lbp", "pixels + net", "pixels + net2"]
    assert [row.apart for row in table.rows] == [False, False, True, True]
    assert [entry.text for entry in table.rows[1].entries] == ["0.700", "–"]
    assert [(entry.text, entry.span) for entry in table.rows[3].entries] == [("0.900", 2)]


def test_an_extractor_that_shares_a_classifier_stands_in_line_with_all_of_its_cells():
    table = compared(("glcm", "svm"), ("pixels", "svm"), ("pixels", "net"))
    assert table.columns == ("svm", "net")
    assert [row.label for row in table.rows] == ["glcm", "pixels"]


def test_where_no_extractors_share_a_classifier_all_stand_in_line():
    table = compared(("glcm", "svm"), ("pixels", "net"))
    assert table.columns == ("svm", "net")
    assert [row.label for row in table.rows] == ["glcm", "pixels"]


def test_a_fusion_has_a_row_across_all_classifiers(table):
    assert table.columns == ("svm", "knn")
    ordinary, fused = table.rows
    assert [entry.text for entry in ordinary.entries] == ["0.500", "0.600"]
    assert (fused.label, fused.apart, fused.baseline) == ("score fusion: both", True, False)
    (entry,) = fused.entries
    assert (entry.text, entry.span, entry.best) == ("0.700", 2, True)
    assert table.frame.set_index("extractor").loc["score fusion", "both"] == pytest.approx(0.7)


def test_the_best_cell_at_a_glance_is_the_fusion_alone(table):
    best, shown = list(_glance_entries(table, []))[1:]
    assert (best.text, shown.text) == ("score fusion: both", "0.700")


def test_learned_weights_are_shown_as_mean_and_spread():
    learned = json.dumps([{"glcm + svm": 0.25, "glcm + knn": 0.75}, {"glcm + svm": 0.5, "glcm + knn": 0.5}])
    tuned = json.dumps([{"C": 10}, {"C": 10}])
    cells = [cell("score fusion", "both", best_params=learned), cell("glcm", "svm", best_params=tuned)]
    shown = chosen_parameters(pd.DataFrame(cells), name="chosen")
    assert [row.entries[1].text for row in shown.rows] == [
        "glcm + svm 0.375 (0.250 to 0.500), glcm + knn 0.625 (0.500 to 0.750)",
        "C = 10 (2×)",
    ]
    assert "score fusion" in shown.caption
    assert "score fusion" not in chosen_parameters(pd.DataFrame(cells[1:]), name="chosen").caption
