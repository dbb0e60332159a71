"""Gray values into pictures: by hand, and as torchvision does it."""

import numpy as np
import pytest
import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms.functional import resize

from networks.catalogue import InputFormat, input_format, official_weights
from networks.pictures import normalized, to_batch, to_unit_range

SQUARES = np.array([[0, 1], [4, 9]])


@pytest.mark.parametrize(
    ("image", "gray_range", "expected"),
    [
        (SQUARES.astype(np.uint8), None, [[0, 1 / 9], [4 / 9, 1]]),
        (SQUARES.astype(np.uint16) + 60000, None, [[0, 1 / 9], [4 / 9, 1]]),
        (SQUARES.astype(">u2") + 60000, None, [[0, 1 / 9], [4 / 9, 1]]),
        (SQUARES.astype(np.int16) - 1000, None, [[0, 1 / 9], [4 / 9, 1]]),
        (SQUARES.astype(np.float32) / 9, None, [[0, 1 / 9], [4 / 9, 1]]),
        (SQUARES == 4, None, [[0, 0], [1, 0]]),
        (SQUARES.astype(np.uint8), (1, 5), [[0, 0], [0.75, 1]]),
        (SQUARES.astype(float), (1, 5), [[0, 0], [0.75, 1]]),
        (SQUARES.astype(np.uint8), (0, 255), SQUARES / 255),
        (SQUARES.astype(np.uint8), (-9, 9), [[0.5, 10 / 18], [13 / 18, 1]]),
        (np.full((1, 2), 7, np.uint8), None, [[0, 0]]),
        (np.full((1, 2), 7.0), None, [[0, 0]]),
        (np.full((1, 2), 7.0), (5, 9), [[0.5, 0.5]]),
        (np.ma.MaskedArray(SQUARES, [[1, 0], [0, 1]]), None, [[0, 0], [1, 0]]),
        (np.ma.MaskedArray(SQUARES.astype(np.uint8), [[1, 0], [0, 1]]), None, [[0, 0], [1, 0]]),
        (np.ma.MaskedArray(SQUARES, [[1, 0], [0, 1]]), (0, 8), [[0, 0.125], [0.5, 0]]),
        (np.ma.MaskedArray([[np.nan, 1.0, 2.0]], [[1, 0, 0]]), None, [[0, 0, 1]]),
        (np.ma.MaskedArray([[np.inf, 3.0, 3.0]], [[1, 0, 0]]), None, [[0, 0, 0]]),
        (np.ma.MaskedArray(SQUARES, False), None, [[0, 1 / 9], [4 / 9, 1]]),
    ],
)
def test_unit_range_by_hand(image, gray_range, expected):
    before = image.copy()
    ours = to_unit_range(image, gray_range)
    assert ours.dtype == torch.float32
    np.testing.assert_allclose(ours.numpy(), expected, rtol=1e-6)
    np.testing.assert_array_equal(np.ma.getdata(image), np.ma.getdata(before))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("gray_range", [None, (17, 93.5)])
def test_the_table_of_whole_numbers_gives_the_same_bits(dtype, gray_range):
    image = np.random.default_rng(0).integers(3, 200, (20, 30)).astype(dtype)
    assert torch.equal(to_unit_range(image, gray_range), to_unit_range(image.astype(float), gray_range))


SIZES = [(300, 400), (400, 300), (256, 256), (257, 511), (100, 90), (224, 224), (31, 1000)]


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("model", ["resnet18", "inception_v3", "efficientnet_b0"])
def test_crop_is_the_preset_of_torchvision(shape, model):
    """Resizing, cutting and normalising, of a gray image given three times."""
    image = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    form, preset = input_format(model), official_weights(model, "imagenet").transforms()
    ours = normalized(to_batch([image], form, form.size, "crop"), form)
    theirs = preset(image.expand(1, 3, -1, -1))
    if form.interpolation == "bicubic":  # may leave 0 … 1, which theirs keeps
        mean, std = (torch.tensor(values).view(3, 1, 1) for values in (form.mean, form.std))
        theirs = torch.clamp(theirs, (0 - mean) / std, (1 - mean) / std)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_stretch_is_torchvisions_resize(shape, interpolation):
    image = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    form = InputFormat(224, 256, interpolation=interpolation)
    ours = to_batch([image], form, 96, "stretch")
    theirs = resize(image[None, None], [96, 96], InterpolationMode(interpolation), antialias=True)
    assert ours.shape == (1, 1, 96, 96)
    torch.testing.assert_close(ours, theirs.clamp(0, 1), rtol=0, atol=1e-6)


def test_an_image_of_the_right_size_is_not_touched():
    image = torch.rand(64, 64)
    for way in ("stretch", "crop"):
        assert torch.equal(to_batch([image], InputFormat(64, 64), 64, way)[0, 0], image)


def test_crop_of_another_size_keeps_the_proportion():
    """Half the size: the short side is half of its length too, and the centre is cut out."""
    rows = torch.arange(256.0).div(255).view(-1, 1).expand(256, 256)
    batch = to_batch([rows], InputFormat(224, 256), 112, "crop")
    shrunk = resize(rows[None, None], [128, 128], antialias=True)
    assert torch.equal(batch, shrunk[..., 8:120, 8:120])


def test_images_of_many_sizes_become_one_batch():
    images = [torch.full(shape, value) for value, shape in ((0.25, (5, 9)), (0.75, (40, 30)))]
    batch = to_batch(images, InputFormat(16, 20), 16, "stretch")
    assert batch.shape == (2, 1, 16, 16)
    torch.testing.assert_close(batch.amin((1, 2, 3)), torch.tensor([0.25, 0.75]))
    torch.testing.assert_close(batch.amax((1, 2, 3)), torch.tensor([0.25, 0.75]))


@pytest.mark.parametrize("channels", [1, 3])
def test_normalised_by_hand(channels):
    form = InputFormat(1, 1, (0.5, 0.25, 0.0), (0.5, 0.25, 2.0))
    batch = normalized(torch.full((2, channels, 1, 1), 0.75), form)
    assert batch[:, :, 0, 0].tolist() == [[0.5, 2.0, 0.375]] * 2
    assert batch.is_contiguous(memory_format=torch.channels_last)


def test_one_channel_stays_one():
    form = InputFormat(1, 1, (0.5,), (0.25,), channels=1)
    assert normalized(torch.full((1, 1, 1, 1), 0.75), form).flatten().tolist() == [1.0]
