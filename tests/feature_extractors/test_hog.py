"""HOG by hand, against scikit-image, and on regions."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.feature import hog

from feature_extractors.hog import HOG


def texture(shape=(48, 64)):
    return np.random.default_rng(11).integers(0, 256, shape)


def features(image, **parameters):
    return HOG(**parameters).fit_transform([image])[0]


@pytest.mark.parametrize("norm", ["L1", "L1-sqrt", "L2", "L2-Hys"])
@pytest.mark.parametrize(
    ("orientations", "cells", "block"), [(9, (8, 8), (2, 2)), (4, (6, 4), (3, 2)), (12, (2, 2), (1, 1))]
)
def test_values_of_scikit_image_where_cells_are_equal(norm, orientations, cells, block):
    image = np.random.default_rng(2).random((48, 64))  # no direction on the border of two bins
    expected = hog(
        image / np.ptp(image),
        orientations=orientations,
        pixels_per_cell=np.floor_divide(image.shape, cells),
        cells_per_block=block,
        block_norm=norm,
    )
    values = features(image, orientations=orientations, cells=cells, cells_per_block=block, block_norm=norm)
    np.testing.assert_allclose(values, expected, rtol=0, atol=2e-6)  # scikit-image sums in single precision


@pytest.mark.parametrize(
    ("step", "degrees"),  # growing brightness (down, right), and its direction
    [((0, 1), 0), ((0, -1), 0), ((1, 2), 27), ((1, 1), 45), ((1, 0), 90), ((2, -1), 117), ((-1, 1), 135)],
)
def test_direction_of_a_ramp_by_hand(step, degrees):
    image = np.add.outer(step[0] * np.arange(40), step[1] * np.arange(40))
    values = features(image, orientations=4, cells=1, cells_per_block=1, block_norm="L1")
    assert values.argmax() == degrees // 45
    assert (
        values[degrees // 45] > 0.9
    )  # the rest is from the edges, where only one of two differences is taken


def test_length_of_gradients_by_hand():
    # L1 of one cell without a mask: only inner columns have a gradient to the right: 2 / 7 of the range in
    # 6 of 8 columns, none down; so the sum per pixel is 6 / 8 * 2 / 7
    image = np.tile(np.arange(8), (8, 1))
    per_pixel = 6 / 8 * 2 / 7
    assert features(
        image, orientations=3, cells=1, cells_per_block=1, block_norm="L1"
    ).tolist() == pytest.approx([per_pixel / (per_pixel + 1e-5), 0, 0])


@pytest.mark.parametrize("orientations", [1, 4, 6, 9, 12])
@pytest.mark.parametrize("levels", [3, 256])  # few levels: many directions on the border of two bins
def test_histograms_by_plain_loops(orientations, levels):
    rng = np.random.default_rng(orientations)
    image = np.ma.array(rng.integers(0, levels, (13, 17)).astype(float), mask=rng.random((13, 17)) < 0.1)
    sums = np.zeros((3, 2, orientations))
    for y, x in np.ndindex(image.shape):
        down, right = (
            image[y + dy, x + dx] - image[y - dy, x - dx]
            if dy <= y < 13 - dy
            and dx <= x < 17 - dx
            and not image.mask[[y - dy, y, y + dy], [x - dx, x, x + dx]].any()
            else 0.0
            for dy, dx in ((1, 0), (0, 1))
        )
        angle = np.rad2deg(np.arctan2(down, right)) % 180
        place = int(np.flatnonzero(np.arange(orientations) * (180 / orientations) <= angle)[-1])
        sums[y * 3 // 13, x * 2 // 17, place] += np.hypot(down, right)
    values = features(
        image, orientations=orientations, cells=(3, 2), cells_per_block=(3, 2), block_norm="L1"
    ).reshape(sums.shape)
    np.testing.assert_allclose(values / values.sum(), _mean(sums) / _mean(sums).sum(), atol=1e-14)


def _mean(sums):
    pixels = np.outer(np.bincount(np.arange(13) * 3 // 13), np.bincount(np.arange(17) * 2 // 17))
    return sums / pixels[:, :, np.newaxis]


def test_names_say_block_cell_and_orientation():
    names = HOG(orientations=2, cells=[2, 3], cells_per_block=[1, 2]).fit([texture()]).get_feature_names_out()
    assert len(names) == 2 * 2 * 2 * 2
    assert names[0] == "hog_block_0_0_cell_0_0_orientation_0"
    assert names[-1] == "hog_block_1_1_cell_0_1_orientation_1"


def test_names_are_at_the_place_of_their_values():
    image = np.zeros((32, 32))
    image[20, 28] = 1  # a gradient in the cell in row 2, column 3 of 4×4 only
    extractor = HOG(cells=4, cells_per_block=2, orientations=1).fit([image])
    names = extractor.get_feature_names_out()[extractor.transform([image])[0] > 0]
    blocks = {(1, 2): (1, 1), (2, 2): (0, 1)}
    assert set(names) == {
        f"hog_block_{r}_{c}_cell_{d}_{e}_orientation_0" for (r, c), (d, e) in blocks.items()
    }


@pytest.mark.parametrize("shape", [(8, 8), (50, 61), (9, 200)])
def test_any_size_has_the_same_number_of_features(shape):
    assert len(features(texture(shape))) == 1764


def test_range_and_offset_of_gray_values_do_not_matter():
    image = texture()
    np.testing.assert_allclose(features(image / 65535 - 3), features(image), atol=1e-9)


def test_edges_of_a_region_are_edges_of_the_image():
    image = texture((24, 24))
    outside = np.ones((48, 48), dtype=bool)
    outside[:24, 24:] = False
    larger = np.random.default_rng(1).integers(0, 256, (48, 48))
    larger[:24, 24:] = image
    parameters = {"cells_per_block": 1, "orientations": 6}
    quarter = features(np.ma.array(larger, mask=outside), cells=8, **parameters).reshape(8, 8, 6)
    np.testing.assert_allclose(quarter[:4, 4:].ravel(), features(image, cells=4, **parameters), atol=1e-12)
    assert not quarter[4:].any()
    assert not quarter[:, :4].any()


def test_image_with_fewer_pixels_than_cells_is_refused():
    with pytest.raises(ValueError, match="7×20 pixels cannot be divided into 8×8"):
        features(np.ones((7, 20)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("orientations", value) for value in (0, 2.0)),
        *(("cells", value) for value in (0, [8], [8, -8], None)),
        *(("cells_per_block", value) for value in ([2, "2"], [9, 1])),
        *(("block_norm", value) for value in ("l2", None)),
    ],
)
def test_bad_parameters_are_named(name, value):
    with pytest.raises((ValueError, TypeError), match=f"'{name}' parameter"):
        HOG(**{name: value}).check_parameters()
