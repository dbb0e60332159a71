"""TensorFlow's padding, against a convolution written out by hand."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from networks.catalogue import build
from networks.padding import pad_as_tensorflow


def windows(image, kernel, stride, border):
    """TensorFlow's ``SAME``, by its documentation: out = ceil(in / stride), the odd pixel after."""
    out = math.ceil(len(image) / stride)
    total = max((out - 1) * stride + kernel - len(image), 0)
    before = total // 2
    padded = np.full((len(image) + total,) * 2, border)
    padded[before : before + len(image), before : before + len(image)] = image
    return [
        [padded[stride * i : stride * i + kernel, stride * j : stride * j + kernel] for j in range(out)]
        for i in range(out)
    ]


def same(image, kernel, stride):
    return [[np.sum(w * kernel) for w in row] for row in windows(image, len(kernel), stride, 0.0)]


@pytest.mark.parametrize("kernel_size", [1, 3, 5, 7])
@pytest.mark.parametrize("size", [8, 9, 10, 11])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_convolutions(kernel_size, size, stride):
    rng = np.random.default_rng(size)
    image, kernel = rng.normal(size=(size, size)), rng.normal(size=(kernel_size, kernel_size))
    convolution = nn.Conv2d(1, 1, kernel_size, stride, kernel_size // 2, bias=False).double()
    convolution.weight.data = torch.from_numpy(kernel)[None, None]
    network = pad_as_tensorflow(nn.Sequential(convolution))
    ours = network(torch.from_numpy(image)[None, None])[0, 0].detach().numpy()
    np.testing.assert_allclose(ours, same(image, kernel, stride), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("size", [8, 9])
def test_pooling_leaves_the_padding_out(size):
    image = -np.random.default_rng(0).random((size, size))  # all below 0, so that zeros would be seen
    network = pad_as_tensorflow(nn.Sequential(nn.MaxPool2d(3, 2, 1)))
    ours = network(torch.from_numpy(image)[None, None])[0, 0].numpy()
    theirs = [[w.max() for w in row] for row in windows(image, 3, 2, -np.inf)]
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    "layer", [nn.Conv2d(1, 1, 3, stride=2), nn.Conv2d(1, 1, 1, stride=2), nn.MaxPool2d(3, 2), nn.MaxPool2d(2)]
)
def test_what_does_not_pad_is_left_alone(layer):
    image = torch.rand(1, 1, 9, 9)
    expected = layer(image)
    network = nn.Sequential(layer)
    assert torch.equal(pad_as_tensorflow(network)(image), expected)
    assert network[0] is layer


def test_kernels_that_are_not_square():
    convolution = nn.Conv2d(1, 1, (1, 3), stride=(1, 2), padding=(0, 1), bias=False)
    nn.init.ones_(convolution.weight)
    output = pad_as_tensorflow(nn.Sequential(convolution))(torch.tensor([[[[1.0, 2, 4, 8]]]]))
    assert output.flatten().tolist() == [7, 12]


def test_networks_of_valid_convolutions_stay_as_they_are():
    """Inception's convolutions of stride 2 do not pad, in TensorFlow neither."""
    network = build("inception_v3", random=False).eval()
    names = [name for name, _ in network.named_modules()]
    assert [name for name, _ in pad_as_tensorflow(network).named_modules()] == names


@pytest.mark.parametrize(("model", "changed"), [("mobilenet_v1", 5), ("mobilenet_v2", 5), ("xception", 4)])
def test_what_is_changed_in_networks_from_tensorflow(model, changed):
    network = build(model, random=False).eval()
    before = sum(1 for _ in network.modules())
    assert sum(1 for _ in pad_as_tensorflow(network).modules()) == before + changed
    assert network(torch.zeros(1, 3, 96, 96)).shape == (1, 1000)
