"""Variants of the full system: what is computed, on which folds, and which are refused."""

import json

import pyarrow.parquet as pq
import pytest

ABLATIONS = """\
ablations:
  of: {extractor: both, classifier: knn}
  variants:
"""


def table(run_dir, name):
    return pq.read_table(run_dir / "results" / f"{name}.parquet").to_pandas()


@pytest.fixture
def with_variants(write_grid):
    """Write the small grid with variants, given as lines of YAML."""

    def write(*variants):
        return write_grid(write_grid().read_text() + ABLATIONS + "".join(f"    {v}\n" for v in variants))

    return write


def test_values_are_those_of_the_changed_system(with_variants, suite, tmp_path):
    grid = with_variants(
        "without GLCM: {extractors.both.fuse: [first_order]}", "sixteen levels: {extractors.glcm.levels: 16}"
    )
    suite("run", grid, "--out", "out", check=0)
    cells = table(tmp_path / "out", "cells")
    covid = cells[(cells["task"] == "covid") & (cells["classifier"] == "knn")]
    key = {(row.variant, row.extractor): row.key for row in covid.itertuples()}
    assert key["full system", "both"] == key["", "both"]
    assert key["without GLCM", "both"] == key["", "first_order"]
    assert key["sixteen levels", "both"] not in {value for place, value in key.items() if not place[0]}
    assert set(table(tmp_path / "out", "folds")["variant"]) == {""}  # all on the grid's own folds


def test_folds_of_a_variant_that_splits_otherwise_are_saved_beside_those_of_the_grid(
    with_variants, suite, tmp_path
):
    grid = with_variants("two folds: {protocol.folds: 2}", "min-max: {preprocessing: [normalize]}")
    suite("run", grid, "--out", "out", check=0)
    folds = table(tmp_path / "out", "folds")
    assert folds.groupby("variant")["fold"].unique().map(set).to_dict() == {
        "": {0, 1, 2},
        "two folds": {0, 1},
    }
    cells, predictions = table(tmp_path / "out", "cells"), table(tmp_path / "out", "predictions")
    (key,) = cells.loc[(cells["variant"] == "two folds") & (cells["task"] == "covid"), "key"]
    tested = folds[(folds["variant"] == "two folds") & (folds["part"] == "test") & (folds["task"] == "covid")]
    saved = set(zip(tested["fold"], tested["sample_id"], strict=True))
    ours = predictions[predictions["key"] == key]
    assert set(zip(ours["fold"], ours["sample_id"], strict=True)) == saved


def test_a_variant_that_tears_patients_apart_is_found_by_the_audit(with_variants, suite, tmp_path):
    html = ("--set", "report.formats=[html]", "--only", "*/kfold/none/both/knn")
    suite("run", with_variants("by image: {protocol.group: null}"), *html, "--out", "out", check=0)
    findings = json.loads((tmp_path / "out" / "audit.json").read_text())["findings"]
    found = [f["message"] for f in findings if f["code"] == "SAMPLE_LEVEL_SPLIT"]
    assert len(found) == 2
    assert found[0].startswith(
        "small / three_class / kfold / variant by image: patients were not kept together"
    )
    assert "kfold (by image)" in (tmp_path / "out" / "report" / "index.html").read_text()


@pytest.mark.parametrize(
    ("variant", "message"),
    [
        (
            "a: {tasks.covid.classes: {no: [normal, pneumonia], covid: [covid]}}",
            "the task covid has other classes than in the full system",
        ),
        ("a: {tasks.covid.positive: null}", "the task covid has other classes"),
        (
            "a: {tasks.new: {classes: [normal, covid]}}",
            "a variant keeps the names of the tasks: three_class, covid",
        ),
        ("a: {protocol.type: holdout, protocol.folds: 3}", "protocol"),
    ],
)
def test_a_variant_that_cannot_be_compared_is_refused(with_variants, suite, variant, message):
    done = suite("check", with_variants(variant), check=2)
    assert "ablations.variants.a" in done.stderr
    assert message in done.stderr
