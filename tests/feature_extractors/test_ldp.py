"""LDP against the paper's own example, Kirsch masks applied by SciPy, and rules stated in its docstring."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.ndimage import correlate

from feature_extractors._ldp_kernel import fill_strengths
from feature_extractors.ldp import LDP

PAPER = np.array([[85, 32, 26], [53, 50, 10], [60, 38, 45]])  # Jabid et al. 2010: code 00010011
KIRSCH = {
    "e": [[-3, -3, 5], [-3, 0, 5], [-3, -3, 5]],
    "ne": [[-3, 5, 5], [-3, 0, 5], [-3, -3, -3]],
    "n": [[5, 5, 5], [-3, 0, -3], [-3, -3, -3]],
    "nw": [[5, 5, -3], [5, 0, -3], [-3, -3, -3]],
    "w": [[5, -3, -3], [5, 0, -3], [5, -3, -3]],
    "sw": [[-3, -3, -3], [5, 0, -3], [5, 5, -3]],
    "s": [[-3, -3, -3], [-3, 0, -3], [5, 5, 5]],
    "se": [[-3, -3, -3], [-3, 0, 5], [-3, 5, 5]],
}


def texture(shape=(20, 23), seed=0, high=256):
    return np.random.default_rng(seed).integers(0, high, shape)


def features(image, **parameters):
    extractor = LDP(**parameters).fit([image])
    return dict(zip(extractor.get_feature_names_out(), extractor.transform([image])[0], strict=True))


def expected(image, k, counted=None):
    """Histogram by SciPy's correlation and Python's stable sort, pixel by pixel."""
    responses = np.abs(
        [correlate(image.astype(int), np.array(mask), mode="reflect") for mask in KIRSCH.values()]
    )
    if counted is None:
        counted = np.pad(np.ones(np.subtract(image.shape, 2), dtype=bool), 1)
    histogram = {f"ldp_{'_'.join(pattern)}": 0.0 for pattern in combinations(KIRSCH, k)}
    for row, column in np.argwhere(counted):
        ranked = sorted(range(8), key=lambda direction: -responses[direction, row, column])
        pattern = "_".join(list(KIRSCH)[direction] for direction in sorted(ranked[:k]))
        histogram[f"ldp_{pattern}"] += 1 / counted.sum()
    return histogram


def test_responses_of_the_papers_example():
    # three neighbours weigh 5, five weigh -3; east: 5 * (26 + 10 + 45) - 3 * (32 + 85 + 53 + 60 + 38) = -399
    strengths = np.empty((8, 1), dtype=np.int64)
    fill_strengths(*PAPER.astype(np.int64), strengths)
    assert strengths.ravel().tolist() == [399, 503, 97, 313, 537, 161, 97, 303]


def test_pattern_of_the_papers_example():
    assert {name for name, value in features(PAPER).items() if value == 1} == {"ldp_e_ne_w"}


@pytest.mark.parametrize("k", range(1, 8))
@pytest.mark.parametrize("high", [256, 3])  # 3 gray levels: many ties
def test_histogram_equals_that_of_scipys_responses(k, high):
    image = texture(high=high)
    assert features(image, k=k) == pytest.approx(expected(image, k), abs=1e-12)


def test_of_equal_responses_the_first_directions_are_taken():
    assert features(np.full((5, 5), 7), k=3)["ldp_e_ne_n"] == 1
    assert features(np.full((5, 5), 7), k=5)["ldp_e_ne_n_nw_w"] == 1


def test_names_are_the_56_patterns():
    names = list(features(PAPER))
    assert len(names) == 56
    assert (names[0], names[-1]) == ("ldp_e_ne_n", "ldp_sw_s_se")


@pytest.mark.parametrize("blocks", [[2, 3], (2, 3)])
def test_blocks_are_histograms_of_parts_of_the_image(blocks):
    image = texture((21, 23))
    values = features(image, blocks=blocks)
    assert len(values) == 6 * 56
    inside = np.pad(np.ones((19, 21), dtype=bool), 1)
    rows, columns = np.arange(21) * 2 // 21, np.arange(23) * 3 // 23
    for block in np.ndindex(2, 3):
        part = inside & (rows[:, None] == block[0]) & (columns == block[1])
        prefix = f"ldp_block_{block[0]}_{block[1]}_"
        wanted = {name.replace("ldp_", prefix): value for name, value in expected(image, 3, part).items()}
        assert {name: values[name] for name in wanted} == pytest.approx(wanted, abs=1e-12)


def test_one_number_of_blocks_is_for_both_axes():
    assert list(features(texture(), blocks=2).values()) == list(features(texture(), blocks=[2, 2]).values())


def test_pixels_count_whose_neighbourhood_is_in_the_region():
    image = texture()
    outside = np.ones(image.shape, dtype=bool)
    outside[3:12, 4:9] = False
    cut = features(image[3:12, 4:9])
    assert features(np.ma.array(image, mask=outside)) == cut


def test_block_outside_of_the_region_is_zero():
    image = np.ma.array(texture((20, 20)), mask=np.repeat([[False, True]], 20, axis=0).repeat(10, axis=1))
    left, right = np.split(np.array(list(features(image, blocks=[1, 2]).values())), 2)
    assert left.sum() == pytest.approx(1)
    assert not right.any()


@pytest.mark.parametrize("scale", [1 / 255, 1e-3, 7.5])
def test_contrast_and_brightness_do_not_matter(scale):
    image = texture(high=4)  # rounding errors would break the many ties
    assert features(image * scale + 0.1) == features(image * 16384)


@pytest.mark.parametrize(
    "image",
    [
        np.ones((2, 9)),
        np.ones((1, 1)),
        np.ma.array(np.ones((9, 9)), mask=~np.pad(np.ones((2, 7), dtype=bool), [(3, 4), (1, 1)])),
    ],
)
def test_region_without_a_whole_neighbourhood_is_refused(image):
    with pytest.raises(
        ValueError, match=f"3×3 neighbourhood .* {image.shape[0]}×{image.shape[1]} pixels has none"
    ):
        LDP().fit_transform([image])


def test_more_blocks_than_pixels_are_refused():
    with pytest.raises(ValueError, match="9×9 pixels cannot be divided into 10×1 blocks"):
        LDP(blocks=[10, 1]).fit_transform([np.ones((9, 9))])


@pytest.mark.parametrize(
    ("name", "value"),
    [("k", 0), ("k", 8), ("k", 2.5), ("k", "3"), ("k", None)]
    + [
        ("blocks", value)
        for value in (0, -1, 1.5, "2", None, [], [2], [2, 0], [2, 2, 2], [2, 1.5], [True, 2], {})
    ],
)
def test_bad_parameters_are_named(name, value):
    with pytest.raises((ValueError, TypeError), match=f"'{name}' parameter"):
        LDP(**{name: value}).check_parameters()
