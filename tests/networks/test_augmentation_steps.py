"""What a grid says about an augmentation: what is taken, what is refused and how, presets of papers."""

import subprocess
import sys
from pathlib import Path

import pytest

from networks.augmentation_steps import (
    PRESETS,
    augmentation_spec,
    available_presets,
    available_steps,
    parse_augmentation,
)

ROOT = Path(__file__).parents[2]


def steps_of(spec):
    """Steps as (name, parameters), with every default filled in."""
    return [next(iter(step.items())) for step in augmentation_spec(parse_augmentation(spec))]


def names_of(spec):
    return [name for name, _ in steps_of(spec)]


def test_torch_is_not_imported():
    """``check`` and ``list`` of the command line read augmentations, and have to be quick."""
    code = "import networks.augmentation_steps, sys; assert not {'torch', 'kornia'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize("nothing", [None, [], ()])
def test_nothing_is_no_augmentation(nothing):
    assert parse_augmentation(nothing) == ()
    assert augmentation_spec(parse_augmentation(nothing)) == []


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        ("horizontal_flip", ["horizontal_flip"]),
        (["rotation", "horizontal_flip"], ["rotation", "horizontal_flip"]),
        (("rotation", "rotation"), ["rotation", "rotation"]),
        ([{"gamma": {}}, {"gamma": None}, "gamma"], ["gamma"] * 3),
        (["resampling", "shift"], ["resampling", "shift"]),
        (["vgg19_mobilenet"], ["rotation", "shift", "shear", "zoom"]),
        (
            ["gamma", "vgg19_mobilenet", "contrast"],
            ["gamma", "rotation", "shift", "shear", "zoom", "contrast"],
        ),
    ],
)
def test_names_lists_and_presets_within_lists(spec, names):
    assert names_of(spec) == names


@pytest.mark.parametrize("name", available_steps())
def test_every_step_is_taken_by_its_name(name):
    spec = [name] if name != "resampling" else [name, "rotation"]
    assert type(parse_augmentation(spec)[0]) is available_steps()[name]


@pytest.mark.parametrize("name", available_presets())
def test_a_preset_is_its_steps(name):
    assert parse_augmentation(name) == parse_augmentation([name]) == parse_augmentation(PRESETS[name])


@pytest.mark.parametrize(
    ("name", "parameters", "read"),
    [
        # One number, of what is meant to either side of 0 or of 1 ...
        ("rotation", {"degrees": 5}, {"degrees": [-5, 5]}),
        ("shift", {"width": 0.2}, {"width": [-0.2, 0.2], "height": [-0.1, 0.1]}),
        ("shear", {"degrees": 0}, {"degrees": [0, 0]}),
        ("zoom", {"range": 0.5}, {"range": [0.5, 1.5], "per_axis": True}),
        ("intensity_shift", {"range": 0.5}, {"range": [-0.5, 0.5]}),
        # ... or exactly that one
        ("scale", {"range": 2}, {"range": [2, 2], "per_axis": False}),
        ("perspective", {"scale": 0.1}, {"scale": [0.1, 0.1]}),
        ("elastic", {"alpha": 3, "sigma": 2}, {"alpha": [3, 3], "sigma": 2}),
        ("gaussian_blur", {"sigma": 2}, {"sigma": [2, 2]}),
        ("average_blur", {"kernel": 4}, {"kernel": [4, 4]}),
        ("median_blur", {"kernel": 3}, {"kernel": [3, 3]}),
        ("brightness", {"range": 0}, {"range": [0, 0]}),
        # Two numbers are what they are
        ("rotation", {"degrees": [0, 90]}, {"degrees": [0, 90]}),
        ("rotation", {"degrees": (90, 90)}, {"degrees": [90, 90]}),
        ("zoom", {"range": [0.5, 0.5]}, {"range": [0.5, 0.5], "per_axis": True}),
        ("median_blur", {"kernel": [2, 4]}, {"kernel": [2, 4]}),
    ],
)
def test_numbers_and_ranges(name, parameters, read):
    ((_, ours),) = steps_of([{name: parameters}])
    assert ours == {"probability": 1.0} | ours | read


@pytest.mark.parametrize(
    "spec",
    [
        *available_presets(),
        ["gamma", {"shift": {"width": [0, 0.5], "probability": 0.25}}],
        [{"resampling": {"fill": "constant", "value": 0.5}}, "vgg19_mobilenet"],
        ["resampling", *(name for name in available_steps() if name != "resampling")],
    ],
    ids=str,
)
def test_what_was_parsed_can_be_written_and_parsed_again(spec):
    steps = parse_augmentation(spec)
    written = augmentation_spec(steps)
    assert parse_augmentation(written) == steps
    assert augmentation_spec(parse_augmentation(written)) == written


def test_two_ways_of_saying_the_same_are_written_alike():
    ways = ["rotation", ["rotation"], [{"rotation": {}}], [{"rotation": {"degrees": 10}}]]
    ways += [[{"rotation": {"degrees": [-10.0, 10], "probability": 1}}]]
    specs = [augmentation_spec(parse_augmentation(way)) for way in ways]
    assert specs == [[{"rotation": {"probability": 1.0, "degrees": [-10.0, 10.0]}}]] * len(ways)


# what is wrong, and how the message begins after "augmentation"
WRONG = [
    (
        "rotate",
        ": there is no step or preset 'rotate'. Did you mean 'rotation'? Steps: horizontal_flip, vert",
    ),
    (["Rotation"], ".0: there is no step or preset 'Rotation'. Did you mean 'rotation'?"),
    (["gamma", "cov19_net"], ".1: there is no step or preset 'cov19_net'. Did you mean 'cov19net'? Steps: "),
    (
        ["xyz"],
        ".0: there is no step or preset 'xyz'. Steps: horizontal_flip, vertical_flip, rotation, shift, ",
    ),
    ("", ": there is no step or preset ''. Steps: "),
    ([{3: {}}], ".0: there is no step or preset '3'."),
    (3, ": must be the name of a preset or a list of steps (got 3)."),
    ({"gamma": {}}, ": must be the name of a preset or a list of steps (got {'gamma': {}})."),
    ([3], ".0: 3 is no step; write a name, or one name with its parameters."),
    ([None], ".0: None is no step; write a name"),
    ([["gamma"]], ".0: ['gamma'] is no step; write a name"),
    ([{}], ".0: {} is no step; write a name"),
    ([{"gamma": {}, "shear": {}}], ".0: {'gamma': {}, 'shear': {}} is no step; write a name"),
    (
        [{"cov19net": {}}],
        ".0: the preset 'cov19net' takes no parameters; write its name alone, or its steps.",
    ),
    ([{"gamma": 3}], ".0.gamma: must be a mapping of parameters to values (got 3)."),
    ([{"gamma": [1, 2]}], ".0.gamma: must be a mapping of parameters to values (got [1, 2])."),
    (["shear", "resampling"], ": 'resampling' is about the geometric steps after it, and none follows."),
    (["resampling", "gamma"], ": 'resampling' is about the geometric steps after it, and none follows."),
]


@pytest.mark.parametrize(("spec", "message"), WRONG)
def test_what_is_no_augmentation(spec, message):
    with pytest.raises(ValueError) as caught:
        parse_augmentation(spec)
    assert str(caught.value).startswith(f"augmentation{message}")


# step, parameter, value, and how the message begins after them
WRONG_PARAMETERS = [
    ("rotation", "degree", 5, "no such parameter. Did you mean 'degrees'? Parameters: probability, degrees."),
    ("gamma", "xyz", 5, "no such parameter. Parameters: probability, range."),
    ("rotation", "degrees", "5", "must be a number or [lowest, highest] (got '5')."),
    ("rotation", "degrees", None, "must be a number or [lowest, highest] (got None)."),
    ("rotation", "degrees", True, "must be a number or [lowest, highest] (got True)."),
    ("rotation", "degrees", [1, 2, 3], "must be a number or [lowest, highest] (got [1, 2, 3])."),
    ("rotation", "degrees", [1, "2"], "must be a number or [lowest, highest] (got [1, '2'])."),
    (
        "rotation",
        "degrees",
        -5,
        "must be 0 or more, as it is meant to either side; or write [lowest, highest]",
    ),
    ("rotation", "degrees", [5, -5], "the lowest value must come first (got [5, -5])."),
    ("rotation", "degrees", [0, 200], "must be less than or equal to 180 (got 200)."),
    ("rotation", "degrees", float("nan"), "must be a finite number (got nan)."),
    ("rotation", "degrees", [0, float("inf")], "must be a finite number (got inf)."),
    ("shear", "degrees", [-90, 0], "must be greater than or equal to -60 (got -90)."),
    ("shear", "direction", "up", "must be 'vertical' or 'horizontal' (got 'up')."),
    ("shift", "width", [0, 1.5], "must be less than or equal to 1 (got 1.5)."),
    ("zoom", "range", 1, "must be greater than or equal to 0.1 (got 0)."),
    ("scale", "range", [1, 11], "must be less than or equal to 10 (got 11)."),
    ("scale", "per_axis", "both", "must be a valid boolean"),
    ("perspective", "scale", 0.3, "must be less than or equal to 0.2 (got 0.3)."),
    ("elastic", "alpha", -1, "must be greater than or equal to 0 (got -1)."),
    ("elastic", "sigma", 21, "must be less than or equal to 20 (got 21)."),
    ("gaussian_blur", "sigma", [0, 11], "must be less than or equal to 10 (got 11)."),
    ("average_blur", "kernel", 3.5, "must be a valid integer"),
    ("average_blur", "kernel", [0, 3], "must be greater than or equal to 1 (got 0)."),
    ("median_blur", "kernel", 4, "must have an odd number in it, as a median needs a middle (got 4)."),
    ("sharpen", "alpha", [0, 2], "must be less than or equal to 1 (got 2)."),
    ("gaussian_noise", "per_channel", "half", "must be a valid number (got 'half')."),
    ("gamma", "probability", 1.5, "must be less than or equal to 1 (got 1.5)."),
    ("gamma", "probability", True, "must be a valid number (got True)."),
    ("resampling", "fill", "wrap", "must be 'nearest', 'reflect' or 'constant' (got 'wrap')."),
    ("resampling", "interpolation", 0, "must be 'bilinear', 'nearest' or 'random' (got 0)."),
]


@pytest.mark.parametrize(("step", "parameter", "value", "message"), WRONG_PARAMETERS)
def test_what_is_no_parameter(step, parameter, value, message):
    with pytest.raises(ValueError) as caught:
        parse_augmentation([{step: {parameter: value}}])
    assert str(caught.value).startswith(f"augmentation.0.{step}.{parameter}: {message}")
    assert len(str(caught.value).splitlines()) == 1


def test_all_mistakes_are_told_at_once():
    with pytest.raises(ValueError) as caught:
        parse_augmentation(
            ["rotate", {"shear": {"degree": 1, "direction": "up"}}, "gamma", {"zoom": {"range": -1}}, 7]
        )
    places = [line.split(": ")[0] for line in str(caught.value).splitlines()]
    assert places == [
        "augmentation.0",
        "augmentation.1.shear.direction",
        "augmentation.1.shear.degree",
        "augmentation.3.zoom.range",
        "augmentation.4",
    ]


def test_steps_are_immutable():
    (step,) = parse_augmentation("gamma")
    with pytest.raises(ValueError, match="frozen"):
        step.probability = 0.5


def test_the_preset_of_vgg19_and_mobilenet():
    """Rotation 10 degrees, width and height shift .2, zoom .2, and shear, of which no value is given."""
    assert steps_of("vgg19_mobilenet") == [
        ("rotation", {"probability": 1.0, "degrees": [-10, 10]}),
        ("shift", {"probability": 1.0, "width": [-0.2, 0.2], "height": [-0.2, 0.2]}),
        ("shear", {"probability": 1.0, "degrees": [-10, 10], "direction": "vertical"}),
        ("zoom", {"probability": 1.0, "range": [0.8, 1.2], "per_axis": True}),
    ]


# Each row of Table 2 of "Inception-v3, Xception, MobileNet": its name, and the values that it gives.
TABLE_2 = [
    ("Flip", [("horizontal_flip", {"probability": 0.5}), ("vertical_flip", {"probability": 0.2})]),
    ("Scale", [("scale", {})]),
    ("Rotation", [("rotation", {"degrees": [-10, 10]})]),
    ("Shearing or Shear Mapping", [("shear", {"degrees": [-16, 16], "direction": "vertical"})]),
    (
        "Elastic and Perspective Transformation",
        [("elastic", {"alpha": [0.5, 3.5], "sigma": 0.25}), ("perspective", {})],
    ),
    ("Ordering", [("resampling", {"interpolation": "random"})]),
    ("Gaussian Blur", [("gaussian_blur", {"sigma": [0, 3]})]),
    ("Average Blur", [("average_blur", {"kernel": [3, 5]})]),
    ("Median Blur", [("median_blur", {"kernel": [3, 5]})]),
    ("Sharping", [("sharpen", {"alpha": [0, 1], "lightness": [0.9, 1.1]})]),
    ("Emboss", [("emboss", {"alpha": [0, 1], "strength": [0, 2]})]),
    ("Additive Gaussian Noise", [("gaussian_noise", {"scale": [0, 0.01], "per_channel": 0.5})]),
]


@pytest.mark.parametrize(("row", "given"), TABLE_2)
def test_the_rows_of_the_preset_of_inception_and_xception(row, given):
    ours = steps_of("inception_xception")
    for name, values in given:
        (parameters,) = [parameters for step, parameters in ours if step == name]
        assert parameters | values == parameters, row


def test_the_preset_of_inception_and_xception_has_these_rows_alone():
    names = [name for _, given in TABLE_2 for name, _ in given]
    assert len(TABLE_2) == 12
    assert sorted(names_of("inception_xception")) == sorted(names)


def test_scale_goes_outward_and_inward():
    lowest, highest = dict(steps_of("inception_xception"))["scale"]["range"]
    assert lowest < 1 < highest


def test_an_image_gets_as_many_changes_as_in_the_example_that_the_rows_are_from():
    """0 to 5 of the optional ones: 2.5 on average, here 8 with .3 each."""
    probabilities = [parameters.get("probability") for _, parameters in steps_of("inception_xception")]
    assert probabilities == [None, 0.5, 0.2, 1, 1, 1, *[0.3] * 8]


def test_the_preset_of_cov19net():
    """Flips, rotation, zoom, intensity shift and shear are named; rescaling is the division by 255."""
    ours = steps_of("cov19net")
    assert ours == [
        ("vertical_flip", {"probability": 0.5}),
        ("horizontal_flip", {"probability": 0.5}),
        ("rotation", {"probability": 1.0, "degrees": [-10, 10]}),
        ("shear", {"probability": 1.0, "degrees": [-10, 10], "direction": "vertical"}),
        ("zoom", {"probability": 1.0, "range": [0.8, 1.2], "per_axis": True}),
        ("intensity_shift", {"probability": 1.0, "range": [-0.1, 0.1]}),
    ]
