"""What a user meets at the command line: help, lists, refusals; never a traceback."""

import json

import pytest


def test_lists(suite):
    assert "glcm" in suite("list", "extractors", check=0).stdout
    assert "kfold" in suite("list", "protocols", check=0).stdout
    assert "roc_auc" in suite("list", "metrics", check=0).stdout
    assert "clahe" in suite("list", "preprocessing", check=0).stdout
    assert "CLASS_IS_SOURCE" in suite("list", "findings", check=0).stdout


def test_the_schema_accepts_good_grids_and_refuses_bad_ones(suite, write_grid):
    import yaml
    from jsonschema import Draft202012Validator

    schema = json.loads(suite("schema", check=0).stdout)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    good = yaml.safe_load(write_grid().read_text())
    assert not list(validator.iter_errors(good))
    for bad in (
        {**good, "nmae": "x"},
        {**good, "extractors": {"glcm": {"levles": 3}}},
        {**good, "dataset": {"type": "phantoom"}},
        {**good, "preprocessing": ["clahee"]},
        {**good, "metrics": ["acuracy"]},
    ):
        assert list(validator.iter_errors(bad)), bad


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "nowhere.yaml"], "no such file"),
        (["check", "nowhere.yaml"], "no such file"),
        (["run", "grid.yaml", "--set", "seed"], "--set seed: a path"),
        (["run", "grid.yaml", "--set", "extractors.glmc.levels=3"], "Did you mean 'glcm'"),
        (["run", "grid.yaml", "--only", "svm"], "no cell matches"),
        (["run", "grid.yaml", "--out", "grid.yaml"], "this is a file"),
        (["run", "grid.yaml", "--out", "."], "holds other things than a run"),
        (["report", "."], "not a run directory"),
        (["report", "nowhere"], "not a run directory"),
        (["run", "grid.yaml", "--set", "audit.ignore=[NO_GRUOPS]"], "Did you mean 'NO_GROUPS'"),
        (["run", "grid.yaml", "--set", "protocol.folds=7"], "has 6 groups"),
        (["run", "grid.yaml", "--set", "tasks.covid.classes.covid=[covd]"], "Did you mean 'covid'"),
        (["run", "grid.yaml", "--set", "protocol.type=official"], "folds"),
    ],
)
def test_refusals_end_with_status_2_and_nothing_computed(suite, write_grid, tmp_path, arguments, message):
    write_grid()
    done = suite(*arguments, check=2)
    assert message in done.stderr
    assert not (tmp_path / "runs" / "small" / "results").exists()


def test_a_grid_that_is_shipped_is_found_from_anywhere(suite):
    assert "demo can run" in suite("check", "grids/demo.yaml", "--set", "dataset.size=32", check=0).stdout
