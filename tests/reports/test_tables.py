"""Result tables by hand-computed values."""

import math

import pandas as pd
import pytest

from reports.run_directory import CELL
from reports.tables import ablation_table, best_mask, comparison_table, summarise, times_table

WHERE = {"dataset": "d", "task": "t", "protocol": "p", "preprocessing": "none"}


def cell(extractor, classifier, role="cell", variant="", status="done"):
    key = f"{extractor}/{classifier}/{variant}"
    names = {"extractor": extractor, "classifier": classifier, "variant": variant, "role": role, "key": key}
    return {**WHERE, **names, "status": status}


def measured(cell, values, pooled=math.nan, metric="accuracy"):
    """Return metric rows of a cell: one per fold, and the pooled one."""
    names = {name: cell[name] for name in CELL}
    shared = {**names, "class": None, "metric": metric}
    rows = [
        {**shared, "fold": fold, "value": value, "low": math.nan, "high": math.nan}
        for fold, value in enumerate(values)
    ]
    return [*rows, {**shared, "fold": None, "value": pooled, "low": pooled - 0.1, "high": pooled + 0.1}]


def compared(cells_and_values, higher_is_better=True):
    cells = pd.DataFrame([c for c, _, _ in cells_and_values])
    metrics = pd.DataFrame(
        [row for c, values, pooled in cells_and_values for row in measured(c, values, pooled)]
    )
    return comparison_table(cells, summarise(metrics), "accuracy", higher_is_better)


def test_mean_and_sample_standard_deviation_over_folds_beside_the_pooled_value():
    row = compared([(cell("glcm", "svm"), [0.5, 0.7, 0.9], 0.72)]).iloc[0]
    assert row["mean"] == pytest.approx(0.7)
    assert row["sd"] == pytest.approx(0.2)  # n - 1: sqrt((0.04 + 0 + 0.04) / 2)
    assert (row["folds"], row["defined"], row["basis"]) == (3, 3, "folds")
    assert row[["pooled", "low", "high"]].tolist() == pytest.approx([0.72, 0.62, 0.82])


def test_one_fold_has_no_standard_deviation():
    row = compared([(cell("glcm", "svm"), [0.8], 0.8)]).iloc[0]
    assert row["mean"] == 0.8
    assert math.isnan(row["sd"])


@pytest.mark.parametrize(
    ("higher_is_better", "best", "heat"),
    [(True, [False, True, True], [0.0, 0.999, 1.0]), (False, [True, False, False], [1.0, 0.001, 0.0])],
)
def test_the_best_follows_the_direction_and_equal_readings_share_it(higher_is_better, best, heat):
    values = [0.6, 0.7999, 0.8001]
    table = compared([(cell(f"e{v}", "svm"), [v, v], v) for v in values], higher_is_better)
    assert table["best"].tolist() == best
    assert table["heat"].tolist() == pytest.approx(heat, abs=1e-3)


def test_a_failed_cell_has_no_value_even_if_folds_of_it_were_measured():
    table = compared(
        [(cell("glcm", "svm", status="failed"), [0.99, 0.99], 0.99), (cell("lbp", "svm"), [0.5], 0.5)]
    )
    assert table.loc[0, ["mean", "sd", "pooled", "low", "high", "score", "heat"]].isna().all()
    assert table["best"].tolist() == [False, True]


def test_a_cell_with_fewer_defined_folds_than_others_is_not_ranked():
    table = compared([(cell("a", "svm"), [0.9, math.nan], 0.6), (cell("b", "svm"), [0.5, 0.7], 0.6)])
    assert table["mean"].tolist() == pytest.approx([0.9, 0.6])
    assert table["defined"].tolist() == [1, 2]
    assert table["best"].tolist() == [False, True]
    assert math.isnan(table["score"][0])


def test_a_fold_undefined_for_every_cell_does_not_keep_them_from_being_ranked():
    table = compared([(cell("a", "svm"), [0.9, math.nan], 0.6), (cell("b", "svm"), [0.5, math.nan], 0.6)])
    assert table["best"].tolist() == [True, False]


def test_pooled_values_stand_in_where_no_fold_of_any_cell_is_defined():
    nothing = [math.nan, math.nan]
    table = compared([(cell("a", "svm"), nothing, 0.6), (cell("b", "svm"), nothing, 0.8)])
    assert table["basis"].tolist() == ["pooled", "pooled"]
    assert table["score"].tolist() == [0.6, 0.8]
    assert table["best"].tolist() == [False, True]


def test_a_baseline_is_marked_only_if_it_reaches_the_best_cell():
    score = pd.Series([0.8, 0.7, 0.85])
    assert best_mask(score, pd.Series([True, True, False]), True).tolist() == [True, False, True]
    assert best_mask(score, pd.Series([True, False, True]), True).tolist() == [False, False, True]
    assert not best_mask(pd.Series([math.nan, 0.7]), pd.Series([True, False]), True).any()


def test_ablation_cells_stay_out_of_the_comparison():
    full = cell("glcm", "svm", role="ablation", variant="full system")
    assert compared([(cell("glcm", "svm"), [0.5], 0.5), (full, [0.5], 0.5)])["role"].tolist() == ["cell"]


def test_ablation_gives_the_difference_to_the_full_system():
    variants = {
        "full system": ([0.8, 0.9], "done"),
        "less": ([0.7, 0.7], "done"),
        "broken": ([0.9], "failed"),
    }
    cells = [cell("glcm", "svm", "ablation", v, status) for v, (_, status) in variants.items()]
    metrics = [
        row for c, (values, _) in zip(cells, variants.values(), strict=True) for row in measured(c, values)
    ]
    table = ablation_table(pd.DataFrame(cells), summarise(pd.DataFrame(metrics)), ["accuracy"])
    assert table["difference"].tolist()[:2] == pytest.approx([0.0, -0.15])
    assert math.isnan(table["difference"][2])
    assert math.isnan(table["mean"][2])


def test_times_are_per_image_per_fit_and_per_prediction_and_memory_is_in_mebibytes():
    measured_cell = {
        **cell("glcm", "svm"), "n_features": 24, "n_images": 200, "n_fits": 5,
        "seconds_extract": 3.0, "seconds_fit": 2.0, "seconds_predict": 0.5,
        "n_parameters": 900, "n_parameters_trainable": 800, "peak_memory": 3 * 2**19,
        "precision": "bfloat16", "precision_agreement": 0.9995,
    }  # fmt: skip
    row = times_table(pd.DataFrame([measured_cell]), pd.Series({measured_cell["key"]: 1000})).iloc[0]
    assert row[["extract_ms", "fit_s", "predict_ms"]].tolist() == pytest.approx([15.0, 0.4, 0.5])
    assert row[["n_parameters", "n_parameters_trainable", "peak_mib"]].tolist() == [900, 800, 1.5]
