"""Lists of steps: what a grid may write, what it becomes, and every mistake at once."""

import json
import pickle

import numpy as np
import pytest

from suite.preprocessing import Preprocessing, available_steps, parse_steps

IMAGE = np.random.default_rng(0).integers(0, 255, (64, 48)).astype(np.uint8)


def parse(spec):
    preprocessing, problems = parse_steps(spec)
    assert problems == []
    return preprocessing


def messages(spec, where="preprocessing"):
    preprocessing, problems = parse_steps(spec, where)
    assert preprocessing is None
    return [str(problem) for problem in problems]


@pytest.mark.parametrize("spec", [["clahe"], [{"clahe": {}}], [{"clahe": None}], [{"clahe": {"tiles": 8}}]])
def test_ways_to_write_a_step(spec):
    assert parse(spec) == parse([{"clahe": {"clip_limit": 0.01, "tiles": 8}}])


def test_steps_are_applied_in_order():
    both = parse([{"window": {"center": 100, "width": 50}}, {"resize": {"size": 16}}])
    ((tag, image),) = both.apply(IMAGE)
    first, second = both.steps
    assert tag == ""
    np.testing.assert_array_equal(image, second.apply(first.apply(IMAGE)))
    assert not np.allclose(image, first.apply(second.apply(IMAGE)))


def test_without_steps_the_image_stays_as_it_is():
    ((tag, image),) = Preprocessing().apply(IMAGE)
    assert tag == ""
    assert image is IMAGE
    assert not Preprocessing().expands


def test_patches_come_last_and_many():
    preprocessing = parse([{"resize": {"size": [32, 16]}}, {"patches": {"size": 16}}])
    assert preprocessing.expands
    assert [(tag, patch.shape) for tag, patch in preprocessing.apply(IMAGE)] == [
        ("@y0-x0", (16, 16)),
        ("@y16-x0", (16, 16)),
    ]
    assert messages([{"patches": {"size": 16}}, "clahe"]) == [
        "preprocessing.0.patches: must be the last step."
    ]


def test_an_error_names_its_step():
    with pytest.raises(ValueError, match=r"^crop_center: the image has 64 rows and 48 columns"):
        parse(["clahe", {"crop_center": {"size": 50}}]).apply(IMAGE)
    with pytest.raises(ValueError, match=r"^patches: no patch of 64×64 fits"):
        parse([{"patches": {"size": 64}}]).apply(IMAGE)


def test_the_identity_is_plain_complete_and_tells_settings_apart():
    specs = [[], ["clahe"], [{"clahe": {"tiles": 4}}], ["clahe", "clahe"], [{"resize": {"size": 16}}]]
    specs += [[{"resize": {"size": [16, 16]}}], ["normalize"], [{"normalize": {"method": "percentile"}}]]
    texts = [json.dumps(parse(spec).identity()) for spec in specs]
    assert len(set(texts)) == len(specs)
    assert parse([{"patches": {"size": 8}}]).identity() == [
        {
            "step": "patches",
            "version": 1,
            "parameters": {"size": 8, "stride": None, "where": "image", "min_inside": 0.5},
        }
    ]


REQUIRED = {"resize": {"size": 16}, "crop_center": {"size": 16}, "window": {"center": 0, "width": 1}}
REQUIRED |= {"patches": {"size": 16}, "normalize": {"method": "percentile"}}


@pytest.mark.parametrize("name", available_steps())
def test_the_resolved_spec_reads_back_as_the_same(name):
    preprocessing = parse([{name: REQUIRED.get(name, {})}])
    assert parse(preprocessing.spec()) == preprocessing
    assert parse(json.loads(json.dumps(preprocessing.spec()))).identity() == preprocessing.identity()
    assert pickle.loads(pickle.dumps(preprocessing)) == preprocessing


def test_all_mistakes_are_told_at_once_with_their_place():
    problems = messages(
        [
            {"resize": {"size": "big", "keep_aspct": True}},
            "clahee",
            {"clahe": {"tiles": 0}},
            7,
            {"clahe": {}, "resize": {}},
            {"normalize": {"low": 3}},
            {"window": [1, 2]},
            "resize",
        ],
        where="steps",
    )
    starts = [
        "steps.0.resize.size: ",
        "steps.0.resize.keep_aspct: no such parameter. Did you mean 'keep_aspect'? Parameters: size,",
        "steps.1: there is no step 'clahee'. Did you mean 'clahe'? Available: resize, crop_center",
        "steps.2.clahe.tiles: Input should be greater than or equal to 1 (got 0).",
        "steps.3: 7 is no step; write a name, or one name with its parameters.",
        "steps.4: {'clahe': {}, 'resize': {}} is no step",
        "steps.5.normalize: low and high are percentiles: they need method: percentile.",
        "steps.6.window: ",
        "steps.7.resize.size: Field required.",
    ]
    remaining = list(problems)
    for start in starts:
        found = [problem for problem in remaining if problem.startswith(start)]
        assert found, (start, problems)
        remaining = [problem for problem in remaining if problem not in found]
    assert remaining == []
