"""Changes by dotted path: set, remove from a list, and refuse what leads nowhere."""

import pytest

from suite.changes import apply_changes
from suite.errors import GridError

GRID = {
    "name": "x",
    "preprocessing": [{"resize": {"size": 64}}, "clahe", {"normalize": {"method": "zscore"}}],
    "extractors": {"texture": {"fuse": ["glcm", "dwt"]}, "glcm": None},
    "exclude": [{"extractor": "glcm"}],
}


@pytest.mark.parametrize(
    ("change", "section", "expected"),
    [
        ({"name": "y"}, "name", "y"),
        (
            {"preprocessing.clahe": None},
            "preprocessing",
            [GRID["preprocessing"][0], GRID["preprocessing"][2]],
        ),
        ({"preprocessing.0": None}, "preprocessing", GRID["preprocessing"][1:]),
        (
            {"preprocessing.clahe": {"clip_limit": 0.5}},
            "preprocessing",
            [GRID["preprocessing"][0], {"clahe": {"clip_limit": 0.5}}, GRID["preprocessing"][2]],
        ),
        (
            {"preprocessing.clahe.clip_limit": 0.5},
            "preprocessing",
            [GRID["preprocessing"][0], {"clahe": {"clip_limit": 0.5}}, GRID["preprocessing"][2]],
        ),
        (
            {"preprocessing.resize.size": 8},
            "preprocessing",
            [{"resize": {"size": 8}}, *GRID["preprocessing"][1:]],
        ),
        ({"extractors.texture.fuse": ["glcm"]}, "extractors", {"texture": {"fuse": ["glcm"]}, "glcm": None}),
        ({"extractors.glcm.levels": 8}, "extractors", {**GRID["extractors"], "glcm": {"levels": 8}}),
        ({"extractors.texture.fuse.dwt": None}, "extractors", {"texture": {"fuse": ["glcm"]}, "glcm": None}),
        ({"run.seed": 3}, "run", {"seed": 3}),
        ({"exclude.0.extractor": "dwt"}, "exclude", [{"extractor": "dwt"}]),
        ({"extractors.glcm": None}, "extractors", GRID["extractors"]),
    ],
)
def test_what_a_change_does(change, section, expected):
    assert apply_changes(GRID, change)[section] == expected


def test_the_original_is_not_touched():
    before = repr(GRID)
    apply_changes(GRID, {"preprocessing.clahe": None, "extractors.texture.fuse": []})
    assert repr(GRID) == before


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("preprocessing.clahee", "no entry 'clahee'. Did you mean 'clahe'"),
        ("preprocessing.9", "no entry '9'"),
        ("extractors.glmc.levels", "no 'glmc'. Did you mean 'glcm'"),
        ("name.first", "single value"),
        ("name.first.second", "single value"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(path, message):
    with pytest.raises(GridError, match=message):
        apply_changes(GRID, {path: None})
