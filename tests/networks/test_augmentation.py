"""Augmented images: by hand, by torch, by scipy, and what holds for every step."""

import functools
import math

import numpy as np
import pytest
import scipy.ndimage
import scipy.stats
import torch
from torch.nn.functional import affine_grid, grid_sample

from networks import _augmentation_filters
from networks.augmentation import Augmentation
from networks.augmentation_steps import available_presets, available_steps, parse_augmentation

GEOMETRIC = ["horizontal_flip", "vertical_flip", "rotation", "shift", "zoom", "scale", "shear"]
GEOMETRIC += ["perspective", "elastic"]
STEPS = [name for name in available_steps() if name != "resampling"]
EVERYTHING = [*STEPS, *available_presets()]


def augmented(images, *spec, seed=0):
    """Images after steps, each a name or (name, parameters)."""
    spec = [step if isinstance(step, str) else {step[0]: step[1]} for step in spec]
    return Augmentation(parse_augmentation(spec))(images, torch.Generator().manual_seed(seed))


def random_images(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def places(height, width):
    """An image whose two channels are x and y of each pixel, so that a result says where it was read."""
    y, x = torch.meshgrid(torch.arange(float(height)), torch.arange(float(width)), indexing="ij")
    return torch.stack([x, y])[None] / max(height, width)


def read_at(*spec, side=64, count=1, seed=0):
    """Where the pixels of the result were read, as x and y in pixels, of shape (count, 2, side, side)."""
    return augmented(places(side, side).repeat(count, 1, 1, 1), *spec, seed=seed) * side


# Geometry


@pytest.mark.parametrize(("name", "axis"), [("horizontal_flip", 3), ("vertical_flip", 2)])
def test_flips_are_exact(name, axis):
    images = random_images(3, 2, 7, 10)
    assert torch.equal(augmented(images, (name, {"probability": 1})), images.flip(axis))


def test_flips_of_an_image_that_is_moved_too():
    images = random_images(2, 1, 8, 8)
    moved = ("shift", {"width": [0.25, 0.25], "height": [0, 0]})
    ours = augmented(images, moved, ("horizontal_flip", {"probability": 1}))
    assert torch.equal(ours, augmented(images, moved).flip(3))


@pytest.mark.parametrize("name", ["horizontal_flip", "vertical_flip", "intensity_shift"])
@pytest.mark.parametrize("probability", [0.2, 0.5, 0.9])
def test_as_many_images_are_changed_as_was_said(name, probability):
    """Of 2,000, within the bounds that a fair draw leaves once in a million times."""
    images = torch.tensor([[0.0, 0.5], [0.75, 1]]).repeat(2000, 1, 1, 1)
    parameters = {"probability": probability} | ({"range": [0.1, 0.1]} if name == "intensity_shift" else {})
    changed = (augmented(images, (name, parameters)) != images).any((1, 2, 3)).sum().item()
    lowest, highest = scipy.stats.binom.interval(1 - 1e-6, 2000, probability)
    assert lowest <= changed <= highest


@pytest.mark.parametrize("probability", [0, 1])
def test_never_and_always(probability):
    images = random_images(500, 1, 1, 4)
    changed = (augmented(images, ("horizontal_flip", {"probability": probability})) != images).any((1, 2, 3))
    assert changed.unique().tolist() == [bool(probability)]


def test_flips_are_drawn_apart():
    images = torch.tensor([[0.0, 0.25], [0.5, 1]]).repeat(400, 1, 1, 1)
    ours = augmented(images, "horizontal_flip", "vertical_flip").flatten(1)
    assert min(ours.unique(dim=0, return_counts=True)[1].tolist()) > 60
    assert len(ours.unique(dim=0)) == 4


@pytest.mark.parametrize("quarters", [-1, 1, 2])
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_quarter_turns(quarters, interpolation):
    images = random_images(2, 3, 9, 9)
    angle = 90 * quarters
    ours = augmented(
        images, ("resampling", {"interpolation": interpolation}), ("rotation", {"degrees": [angle, angle]})
    )
    torch.testing.assert_close(ours, torch.rot90(images, quarters, (2, 3)), rtol=0, atol=1e-5)


@pytest.mark.parametrize(("right", "down"), [(2, 0), (-2, 0), (0, 1), (4, -3)])
def test_shifts_are_rolls_with_the_edge_repeated(right, down):
    images = random_images(2, 1, 8, 16)
    shift = {"width": [right / 16] * 2, "height": [down / 8] * 2}
    rows = (torch.arange(8) - down).clamp(0, 7)
    columns = (torch.arange(16) - right).clamp(0, 15)
    expected = images[:, :, rows][..., columns]
    torch.testing.assert_close(augmented(images, ("shift", shift)), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("resampling", "row"),
    [
        ({"fill": "nearest"}, [0.1, 0.1, 0.1, 0.2]),
        ({"fill": "reflect"}, [0.2, 0.1, 0.1, 0.2]),
        ({"fill": "constant"}, [0, 0, 0.1, 0.2]),
        ({"fill": "constant", "value": 0.75}, [0.75, 0.75, 0.1, 0.2]),
        ({"fill": "constant", "value": 0.75, "interpolation": "nearest"}, [0.75, 0.75, 0.1, 0.2]),
    ],
)
def test_what_lies_outside(resampling, row):
    images = torch.tensor([[[[0.1, 0.2, 0.3, 0.4]]]])
    shift = {"width": [0.5, 0.5], "height": [0, 0]}
    ours = augmented(images, ("resampling", resampling), ("shift", shift))
    torch.testing.assert_close(ours.flatten(), torch.tensor([float(value) for value in row]))


@pytest.mark.parametrize(
    ("interpolation", "expected"), [("bilinear", [0, 0, 0.75, 1]), ("nearest", [0.0, 0, 1, 1])]
)
def test_interpolation(interpolation, expected):
    """Read a quarter of a pixel to the left."""
    images = torch.tensor([[[[0.0, 0, 1, 1]]]])
    shift = {"width": [0.0625, 0.0625], "height": [0, 0]}
    ours = augmented(images, ("resampling", {"interpolation": interpolation}), ("shift", shift))
    torch.testing.assert_close(ours.flatten(), torch.tensor(expected))


def test_random_interpolation_is_one_of_the_two_for_each_image():
    images = torch.tensor([[[[0.0, 0, 1, 1]]]]).repeat(400, 1, 1, 1)
    shift = {"width": [0.0625, 0.0625], "height": [0, 0]}
    ours = augmented(images, ("resampling", {"interpolation": "random"}), ("shift", shift))[..., 2]
    rows, counts = ours.flatten().unique(return_counts=True)
    torch.testing.assert_close(rows, torch.tensor([0.75, 1]))
    assert counts.min() > 140


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("rotation", {"degrees": 0}),
        ("shift", {"width": 0, "height": 0}),
        ("shear", {"degrees": 0}),
        ("zoom", {"range": [1, 1]}),
        ("scale", {"range": 1}),
        ("scale", {"range": 1, "per_axis": True}),
        ("elastic", {"alpha": 0}),
        ("perspective", {"scale": 0}),
        ("average_blur", {"kernel": 1}),
        ("median_blur", {"kernel": 1}),
        ("gaussian_blur", {"sigma": 0}),
        ("sharpen", {"alpha": 0}),
        ("emboss", {"alpha": 0}),
        ("gaussian_noise", {"scale": 0}),
        ("intensity_shift", {"range": 0}),
        ("brightness", {"range": 1}),
        ("gamma", {"range": 1}),
    ],
)
def test_what_does_nothing_does_exactly_nothing(name, parameters):
    images = random_images(3, 2, 13, 10)
    assert torch.equal(augmented(images, (name, parameters)), images)


def test_only_images_that_a_step_falls_to_are_interpolated():
    images = random_images(200, 1, 5, 5)
    ours = augmented(images, ("rotation", {"degrees": [7, 7], "probability": 0.5}))
    same = (ours == images).all(3).all(2).all(1)
    turned = augmented(images, ("rotation", {"degrees": [7, 7]}))
    assert 60 < same.sum() < 140
    assert torch.equal(ours[~same], turned[~same])


def rotation(degrees):
    """Where a pixel of the rotated image is read, of which y points downwards."""
    angle = math.radians(degrees)
    return [[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1]]


# steps, and the matrices of where the pixels of their results are read, in pixels from the centre
WIDTH, HEIGHT = 24, 18
READ = [
    (("rotation", {"degrees": [30, 30]}), rotation(30)),
    (
        ("shift", {"width": [0.1, 0.1], "height": [-0.2, -0.2]}),
        [[1, 0, -0.1 * WIDTH], [0, 1, 0.2 * HEIGHT], [0, 0, 1]],
    ),
    (("zoom", {"range": [0.8, 0.8]}), np.diag([0.8, 0.8, 1])),
    (("shear", {"degrees": [12, 12]}), [[1, 0, 0], [math.tan(math.radians(12)), 1, 0], [0, 0, 1]]),
    (("horizontal_flip", {"probability": 1}), np.diag([-1, 1, 1])),
    (("scale", {"range": 1.3}), np.diag([1 / 1.3, 1 / 1.3, 1])),
    (
        ("shear", {"degrees": [9, 9], "direction": "horizontal"}),
        [[1, -math.tan(math.radians(9)), 0], [0, 1, 0], [0, 0, 1]],
    ),
    (("vertical_flip", {"probability": 1}), np.diag([1, -1, 1])),
]


def read_by(matrix, images, fill):
    """One reading with torch's own grid, whose axes go from -1 to 1."""
    to_pixels = np.diag([WIDTH / 2, HEIGHT / 2, 1])
    theta = torch.from_numpy(np.linalg.inv(to_pixels) @ matrix @ to_pixels)[None, :2].float()
    grid = affine_grid(theta.expand(len(images), 2, 3), list(images.shape), align_corners=False)
    return grid_sample(images, grid, "bilinear", fill, align_corners=False)


@pytest.mark.parametrize("fill", ["nearest", "reflect", "constant"])
@pytest.mark.parametrize(
    "order", [*([i] for i in range(len(READ))), range(8), range(7, -1, -1), [5, 0, 1, 4, 2]]
)
def test_steps_that_follow_one_another_are_one_reading(order, fill):
    images = random_images(2, 3, HEIGHT, WIDTH)
    spec = [("resampling", {"fill": fill}), *(READ[index][0] for index in order)]
    matrix = functools.reduce(np.matmul, [np.array(READ[index][1]) for index in order])
    padding = {"nearest": "border", "reflect": "reflection", "constant": "zeros"}[fill]
    expected = read_by(matrix, images, padding)
    torch.testing.assert_close(augmented(images, *spec), expected, rtol=0, atol=1e-5)


def test_two_readings_would_be_seen():
    """What the test above compares is not what steps give that are interpolated one by one."""
    images = random_images(1, 1, HEIGHT, WIDTH)
    first, second = READ[0][0], READ[5][0]
    apart = augmented(augmented(images, first), second)
    assert (augmented(images, first, second) - apart).abs().max() > 0.1


def test_a_filter_in_between_and_another_resampling_make_two_readings():
    images = random_images(1, 1, HEIGHT, WIDTH)
    first, second, blur = READ[0][0], READ[5][0], ("average_blur", {"kernel": 3})
    apart = augmented(augmented(augmented(images, first), blur), second)
    torch.testing.assert_close(augmented(images, first, blur, second), apart)
    nearest = ("resampling", {"interpolation": "nearest"})
    apart = augmented(augmented(images, first), nearest, second)
    torch.testing.assert_close(augmented(images, first, nearest, second), apart)


def test_an_elastic_step_is_part_of_the_reading_before_it():
    """Its distances are in pixels of the result, so that a later step is a reading of its own."""
    images = random_images(1, 1, HEIGHT, WIDTH)
    for before, after in ([READ[0][0]], []), ([], [READ[0][0]]):
        still = augmented(images, *before, ("elastic", {"alpha": 1e-4}), *after)
        torch.testing.assert_close(still, augmented(images, READ[0][0]), rtol=0, atol=1e-3)


@pytest.mark.parametrize(("name", "enlarges"), [("zoom", False), ("scale", True)])
def test_a_range_of_keras_is_a_part_and_that_of_imgaug_a_magnification(name, enlarges):
    read = read_at((name, {"range": [0.5, 0.5]} if name == "zoom" else {"range": 2}))
    step = (read[0, 0, 32, 33] - read[0, 0, 32, 32]).item()
    assert step == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize(("per_axis", "same"), [(False, True), (True, False)])
@pytest.mark.parametrize("name", ["zoom", "scale"])
def test_axes_are_drawn_apart_or_together(name, per_axis, same):
    read = read_at((name, {"range": [0.8, 1.2], "per_axis": per_axis}), count=5)
    across = read[:, 0, 32, 33] - read[:, 0, 32, 32]
    down = read[:, 1, 33, 32] - read[:, 1, 32, 32]
    assert bool((across - down).abs().max() < 1e-4) is same


@pytest.mark.parametrize(
    ("name", "parameter", "lowest", "highest"),
    [("rotation", "degrees", -10, 30), ("shear", "degrees", 5, 16)],
)
def test_angles_fill_their_range(name, parameter, lowest, highest):
    read = read_at((name, {parameter: [lowest, highest]}), count=300)
    across = read[:, :, 32, 33] - read[:, :, 32, 32]
    angles = torch.rad2deg(torch.atan2(across[:, 1], across[:, 0]))
    assert lowest - 0.05 < angles.min() < lowest + 1
    assert highest - 1 < angles.max() < highest + 0.05


def homography(points, read):
    """The matrix of eight numbers that fits ``read`` to ``points`` best, both of shape (n, 2)."""
    rows, sides = [], []
    for (x, y), (u, v) in zip(points, read, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        sides += [u, v]
    return np.append(np.linalg.lstsq(np.array(rows), np.array(sides), rcond=None)[0], 1).reshape(3, 3)


def test_perspective_is_one():
    """All pixels are read by one projection, whose corners are pulled inward by what was said."""
    side, count, scale = 64, 40, 0.05
    read = read_at(("perspective", {"scale": scale}), side=side, count=count).double().numpy()
    inner = np.arange(4, side - 4, 5)
    points = np.stack(np.meshgrid(inner, inner), axis=-1).reshape(-1, 2).astype(float)
    corners = np.array([[-0.5, -0.5], [side - 0.5, -0.5], [side - 0.5, side - 0.5], [-0.5, side - 0.5]])
    inward = []
    for image in read:
        ours = image[:, points[:, 1].astype(int), points[:, 0].astype(int)].T
        matrix = homography(points, ours)
        fitted = np.c_[points, np.ones(len(points))] @ matrix.T
        np.testing.assert_allclose(fitted[:, :2] / fitted[:, 2:], ours, atol=0.01)
        fitted = np.c_[corners, np.ones(4)] @ matrix.T
        inward.append((fitted[:, :2] / fitted[:, 2:] - corners) * np.sign(side / 2 - corners) / side)
    assert np.min(inward) > -1e-3
    # 320 absolute values of a normally distributed number: mean √(2/π) · scale, within four standard errors
    standard_error = scale * math.sqrt((1 - 2 / math.pi) / np.size(inward))
    assert abs(np.mean(inward) - math.sqrt(2 / math.pi) * scale) < 4 * standard_error


def test_perspective_shows_nothing_from_outside():
    outside = ("resampling", {"fill": "constant", "interpolation": "nearest"})
    ours = augmented(torch.ones(3000, 1, 12, 12), outside, ("perspective", {"scale": 0.2}))
    assert torch.equal(ours, torch.ones(3000, 1, 12, 12))


@pytest.mark.parametrize("sigma", [0, 0.25, 2])
def test_elastic_distances(sigma):
    """Uniform from -alpha to alpha, of which a Gaussian leaves alpha / √3 · Σ weights² as deviation."""
    alpha, side = 3, 64
    read = read_at(("elastic", {"alpha": alpha, "sigma": sigma}), side=side, count=20)
    distances = (read - places(side, side) * side)[:, :, 12:-12, 12:-12]
    radius = int(4 * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / max(sigma, 1e-3)) ** 2)
    weights /= weights.sum()
    assert distances.abs().max() <= alpha + 1e-3
    assert distances.std().item() == pytest.approx(alpha / math.sqrt(3) * (weights**2).sum(), rel=0.06)
    assert abs(distances.mean()) < 0.05


@pytest.mark.parametrize("name", GEOMETRIC)
@pytest.mark.parametrize("fill", ["nearest", "reflect"])
@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_a_constant_image_stays_constant_however_it_is_moved(name, fill, value):
    images = torch.full((16, 1, 12, 15), value)
    ours = augmented(images, ("resampling", {"fill": fill}), (name, {"probability": 1}))
    torch.testing.assert_close(ours, images, rtol=0, atol=1e-6)


# Filters


def by_scipy(images, function, *args, **kwargs):
    planes = images.double().numpy().reshape(-1, *images.shape[2:])
    filtered = [function(plane, *args, mode="nearest", **kwargs) for plane in planes]
    return torch.from_numpy(np.reshape(filtered, images.shape)).float()


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 9])
def test_average_blur(size):
    images = random_images(2, 3, 14, 11)
    expected = by_scipy(images, scipy.ndimage.uniform_filter, size)
    ours = augmented(images, ("average_blur", {"kernel": size}))
    torch.testing.assert_close(ours, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("size", [3, 5, 7])
def test_median_blur(size):
    images = random_images(2, 3, 14, 11)
    expected = by_scipy(images, scipy.ndimage.median_filter, size)
    assert torch.equal(augmented(images, ("median_blur", {"kernel": size})), expected)


def test_median_blur_of_a_few_images_at_a_time(monkeypatch):
    images = random_images(5, 2, 9, 8)
    whole = augmented(images, ("median_blur", {"kernel": 5}))
    monkeypatch.setattr(_augmentation_filters, "AT_ONCE", 2 * 2 * 9 * 8 * 25)
    assert torch.equal(augmented(images, ("median_blur", {"kernel": 5})), whole)


@pytest.mark.parametrize("sigma", [0.3, 1, 2.5])
def test_gaussian_blur(sigma):
    images = random_images(2, 3, 14, 21)
    expected = by_scipy(images, scipy.ndimage.gaussian_filter, sigma, truncate=4)
    ours = augmented(images, ("gaussian_blur", {"sigma": sigma}))
    torch.testing.assert_close(ours, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "kernel", "function", "sizes"),
    [
        ("average_blur", [3, 6], scipy.ndimage.uniform_filter, [3, 4, 5, 6]),
        ("median_blur", [2, 6], scipy.ndimage.median_filter, [3, 5]),
    ],
)
def test_the_size_of_a_kernel_is_drawn_for_each_image(name, kernel, function, sizes):
    image = random_images(1, 1, 12, 12)
    ours = augmented(image.repeat(200, 1, 1, 1), (name, {"kernel": kernel}))
    expected = torch.cat([by_scipy(image, function, size) for size in sizes])
    nearest = (ours[:, None] - expected[None]).abs().amax((2, 3, 4)).min(1)
    assert nearest.values.max() < 1e-6
    counts = torch.bincount(nearest.indices, minlength=len(sizes))
    assert counts.min() > 200 / len(sizes) / 2


def convolved(images, kernel):
    """The sum over 3 × 3 pixels with weights that are not turned round, written out."""
    padded = torch.nn.functional.pad(images, (1, 1, 1, 1), mode="replicate")
    height, width = images.shape[2:]
    parts = [
        weight * padded[..., row : row + height, column : column + width]
        for row, line in enumerate(kernel)
        for column, weight in enumerate(line)
    ]
    return sum(parts)


@pytest.mark.parametrize("alpha", [0.25, 1])
@pytest.mark.parametrize("lightness", [0.9, 1.1])
def test_sharpen(alpha, lightness):
    images = random_images(2, 3, 9, 8) * 0.1 + 0.45
    sharp = convolved(images, [[-1, -1, -1], [-1, 8 + lightness, -1], [-1, -1, -1]])
    ours = augmented(images, ("sharpen", {"alpha": alpha, "lightness": lightness}))
    expected = ((1 - alpha) * images + alpha * sharp).clamp(0, 1)
    torch.testing.assert_close(ours, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("alpha", [0.25, 1])
@pytest.mark.parametrize("strength", [0, 1, 2])
def test_emboss(alpha, strength):
    images = random_images(2, 3, 9, 8) * 0.2 + 0.4
    s = strength
    relief = convolved(images, [[-1 - s, -s, 0], [-s, 1, s], [0, s, 1 + s]])
    ours = augmented(images, ("emboss", {"alpha": alpha, "strength": strength}))
    expected = ((1 - alpha) * images + alpha * relief).clamp(0, 1)
    torch.testing.assert_close(ours, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("scale", [0.01, 0.05])
def test_the_deviation_of_gaussian_noise(scale):
    images = torch.full((8, 3, 64, 64), 0.5)
    noise = augmented(images, ("gaussian_noise", {"scale": scale, "per_channel": 1})) - 0.5
    assert noise.std().item() == pytest.approx(scale, rel=0.02)
    assert abs(noise.mean().item()) < scale / 50
    assert scipy.stats.kstest(noise.flatten()[::7].numpy() / scale, "norm").pvalue > 0.001


@pytest.mark.parametrize(("per_channel", "apart"), [(0, 0), (1, 300), (0.5, 150)])
def test_noise_of_the_channels(per_channel, apart):
    """One noise for all channels of an image, or one for each, by the probability that was said."""
    images = torch.full((300, 3, 4, 4), 0.5)
    ours = augmented(images, ("gaussian_noise", {"scale": 0.05, "per_channel": per_channel}))
    differ = (ours != ours[:, :1]).any((1, 2, 3)).sum().item()
    assert abs(differ - apart) <= (45 if per_channel == 0.5 else 0)


ROW = [0.1, 0.2, 0.9]


@pytest.mark.parametrize(
    ("name", "parameters", "expected"),
    [
        ("intensity_shift", {"range": [0.05, 0.05]}, [0.15, 0.25, 0.95]),
        ("intensity_shift", {"range": [0.2, 0.2]}, [0.3, 0.4, 1]),
        ("intensity_shift", {"range": [-0.15, -0.15]}, [0, 0.05, 0.75]),
        ("brightness", {"range": 0.5}, [0.05, 0.1, 0.45]),
        ("brightness", {"range": 2}, [0.2, 0.4, 1]),
        ("contrast", {"range": 0.5}, [0.25, 0.3, 0.65]),  # about the mean, .4
        ("contrast", {"range": 0}, [0.4, 0.4, 0.4]),
        ("contrast", {"range": 1.2}, [0.04, 0.16, 1]),
        ("gamma", {"range": 2}, [0.01, 0.04, 0.81]),
        ("gamma", {"range": 0.5}, [0.1**0.5, 0.2**0.5, 0.9**0.5]),
    ],
)
def test_gray_values_by_hand(name, parameters, expected):
    ours = augmented(torch.tensor([[[ROW]]]), (name, parameters)).flatten()
    torch.testing.assert_close(ours, torch.tensor([float(value) for value in expected]))


def test_the_mean_of_contrast_is_that_of_each_image():
    images = torch.tensor([[0.1, 0.3], [0.6, 1.0]])[:, None, None]
    ours = augmented(images, ("contrast", {"range": 0.5}))[:, 0, 0]
    torch.testing.assert_close(ours, torch.tensor([[0.15, 0.25], [0.7, 0.9]]))


# What holds for every step and preset


@pytest.mark.parametrize("spec", EVERYTHING)
@pytest.mark.parametrize("form", [(4, 1, 12, 17), (4, 3, 12, 17), (1, 2, 1, 5)])
def test_the_form_of_a_batch(spec, form):
    images = random_images(*form)
    before = images.clone()
    ours = augmented(images, spec)
    assert (ours.shape, ours.dtype, ours.device) == (images.shape, images.dtype, images.device)
    assert (ours >= 0).all()
    assert (ours <= 1).all()
    assert torch.equal(images, before)
    assert ours.data_ptr() != images.data_ptr()


@pytest.mark.parametrize("spec", EVERYTHING)
def test_memory_format_has_no_influence(spec):
    images = random_images(4, 3, 16, 12)
    ours = augmented(images.contiguous(memory_format=torch.channels_last), spec)
    torch.testing.assert_close(ours, augmented(images, spec), rtol=0, atol=1e-6)


WITH_NOISE = ("gaussian_noise", "inception_xception")


@pytest.mark.parametrize("spec", [spec for spec in EVERYTHING if spec not in WITH_NOISE])
def test_gray_stays_gray(spec):
    """Channels that are the same are moved and filtered the same; noise alone may be that of a channel."""
    images = random_images(4, 1, 16, 16)
    expected = augmented(images, spec).repeat(1, 3, 1, 1)
    ours = augmented(images.repeat(1, 3, 1, 1), spec)
    torch.testing.assert_close(ours, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("spec", EVERYTHING)
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float16, 0), (torch.bfloat16, 0), (torch.float64, 2e-3)]
)
def test_number_types(spec, dtype, tolerance):
    """Short ones are computed in float32 and rounded at the end, long ones as they are."""
    images = random_images(4, 3, 16, 16).to(dtype)
    ours = augmented(images, spec)
    assert ours.dtype == dtype
    expected = augmented(images.float(), spec).to(dtype)
    if spec == "inception_xception":  # its nearest pixel may be another, where two are as near
        assert ((ours - expected).abs() <= tolerance).double().mean() > 0.98
    else:
        torch.testing.assert_close(ours, expected, rtol=0, atol=tolerance)


def every_image(spec):
    return [{spec: {"probability": 1}}] if spec in STEPS else spec


@pytest.mark.parametrize("spec", EVERYTHING)
def test_every_image_of_a_batch_is_changed_in_its_own_way(spec):
    images = random_images(1, 1, 24, 24).repeat(8, 1, 1, 1)
    steps = parse_augmentation(every_image(spec))
    ours = Augmentation(steps)(images, torch.Generator().manual_seed(1)).flatten(1)
    # of flips there is one way, of medians of 3 or 5 pixels there are two
    ways = {"horizontal_flip": 1, "vertical_flip": 1, "median_blur": 2, "average_blur": 3}.get(spec, 8)
    assert len(ours.unique(dim=0)) == ways
    assert spec == "inception_xception" or (ours != images.flatten(1)).any(1).all()


@pytest.mark.parametrize("spec", EVERYTHING)
def test_the_generator_decides_and_is_the_only_one_that_does(spec):
    images = random_images(16, 3, 16, 16)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    augmentation = Augmentation(parse_augmentation([spec]))
    generator = torch.Generator().manual_seed(5)
    state = generator.get_state()
    first, second = augmentation(images, generator), augmentation(images, generator)
    generator.set_state(state)
    torch.manual_seed(4)
    again = Augmentation(parse_augmentation([spec]))(images, generator)
    assert torch.equal(first, again)
    assert not torch.equal(first, second)
    assert not torch.equal(first, augmented(images, spec, seed=6))
    torch.manual_seed(3)
    augmented(images, spec)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("spec", EVERYTHING)
def test_a_region_that_moves_along_takes_no_random_numbers(spec):
    augmentation, images = Augmentation(parse_augmentation([spec])), random_images(4, 1, 12, 17)
    alone = augmentation(images, torch.Generator().manual_seed(5))
    beside, regions = augmentation.with_regions(
        images, torch.ones_like(images), torch.Generator().manual_seed(5)
    )
    assert torch.equal(beside, alone)
    assert regions.shape == images.shape


def test_a_batch_without_images():
    assert augmented(torch.zeros(0, 3, 8, 9), *EVERYTHING).shape == (0, 3, 8, 9)


def test_no_augmentation_is_the_same_batch():
    images = random_images(2, 1, 4, 4)
    ours = augmented(images)
    assert torch.equal(ours, images)
    assert ours.data_ptr() != images.data_ptr()


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (torch.zeros(1, 1, 2, 2, dtype=torch.uint8), "not torch.uint8 of shape (1, 1, 2, 2)."),
        (torch.zeros(1, 1, 2, 2, dtype=torch.int64), "not torch.int64 of shape"),
        (torch.zeros(1, 1, 2, 2, dtype=torch.bool), "not torch.bool of shape"),
        (torch.zeros(1, 2, 2), "not torch.float32 of shape (1, 2, 2)."),
        (torch.zeros(0, 2, 2), "not torch.float32 of shape (0, 2, 2)."),
        (torch.full((1, 1, 2, 2), 1.5), "not from 1.5 to 1.5. Augment before standardising."),
        (torch.linspace(-2, 0.5, 4).view(1, 1, 2, 2), "values from 0 to 1, not from -2 to 0.5."),
        (torch.tensor([0.5, math.nan]).view(1, 1, 1, 2), "values from 0 to 1, not from nan to nan."),
        (torch.tensor([0.5, math.inf]).view(1, 1, 1, 2), "values from 0 to 1, not from 0.5 to inf."),
    ],
)  # fmt: skip
def test_what_is_no_batch(batch, message):
    with pytest.raises(ValueError) as caught:
        augmented(batch, "horizontal_flip")
    assert message in str(caught.value)
