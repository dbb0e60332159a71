"""COV-19Net is the network of the paper: its table of layers, Keras' first weights, its loss."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from networks.catalogue import parameter_count, seeded
from networks.cov19net import COV19Net, begin_as_keras
from networks.layer_table import layer_table
from networks.recipe import Recipe, Samples
from networks.training import train

TABLE = [
    ("conv1 (Conv2d)", [62, 62, 32], 896),
    ("pool1 (MaxPool2d)", [31, 31, 32], 0),
    ("conv2 (Conv2d)", [29, 29, 32], 9248),
    ("pool2 (MaxPool2d)", [14, 14, 32], 0),
    ("conv3 (Conv2d)", [12, 12, 32], 9248),
    ("flatten (Flatten)", [4608], 0),
    ("dense1 (Linear)", [128], 589952),
    ("dense2 (Linear)", [1], 129),
]
"""Table I of the paper."""


def made(n_classes=2, seed=0):
    with seeded(seed):
        return COV19Net(n_classes)


def test_layers_are_those_of_the_paper():
    rows = layer_table(made(), torch.zeros(1, 3, 64, 64))
    assert [(r["layer"], r["output_shape"], r["parameters"]) for r in rows] == TABLE
    assert [r["trainable"] for r in rows] == [parameters for _, _, parameters in TABLE]
    assert parameter_count(made()) == parameter_count(made(), trainable=True) == 609_473


def test_three_classes_have_three_outputs():
    rows = layer_table(made(3), torch.zeros(1, 3, 64, 64))
    assert (rows[-1]["output_shape"], rows[-1]["parameters"]) == ([3], 129 * 3)


def test_the_table_leaves_the_network_as_it_was():
    network = made()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    layer_table(network, torch.zeros(1, 3, 64, 64))
    assert network.training
    assert not [m for m in network.modules() if m._forward_hooks]
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())


FANS = {
    "conv1": (3 * 9, 32 * 9),
    "conv2": (32 * 9, 32 * 9),
    "conv3": (32 * 9, 32 * 9),
    "dense1": (4608, 128),
    "dense2": (128, 1),
}
"""Connections into and out of a unit: of a convolution times the places of its kernel."""


@pytest.mark.parametrize("layer", FANS)
def test_weights_begin_as_in_keras(layer):
    """Uniform from -b to b with b = √(6 / (in + out)); biases 0."""
    module = made().get_submodule(layer)
    bound = math.sqrt(6 / sum(FANS[layer]))
    weights = module.weight.detach().double()
    largest = weights.abs().max().item()
    assert largest <= bound * (1 + 1e-6)
    assert largest > bound * (1 - 5 / weights.numel())
    standard_error = bound / math.sqrt(3 * weights.numel())
    assert abs(weights.mean().item()) < 4 * standard_error
    assert weights.std().item() == pytest.approx(bound / math.sqrt(3), rel=4 / math.sqrt(weights.numel()))
    assert module.bias.abs().max() == 0


def test_keras_start_reaches_layers_without_biases_and_leaves_others():
    network = nn.Sequential(nn.Conv2d(2, 3, 3, bias=False), nn.BatchNorm2d(3))
    begin_as_keras(network)
    assert network[0].weight.abs().max() <= math.sqrt(6 / (18 + 27))
    assert network[1].weight.tolist() == [1, 1, 1]


def test_the_seed_decides_the_weights():
    one, same, other = (made(seed=seed).dense1.weight for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_forward_is_the_paper_s_chain_of_operations():
    """By functions alone: convolution, ReLU, maximum; ReLU after the first dense layer."""
    network = made().eval()
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    functional, state = nn.functional, network.state_dict()
    x = images
    for number, pooled in ((1, True), (2, True), (3, False)):
        x = functional.conv2d(x, state[f"conv{number}.weight"], state[f"conv{number}.bias"]).clamp(min=0)
        x = functional.max_pool2d(x, 2) if pooled else x
    x = (x.reshape(2, -1) @ state["dense1.weight"].T + state["dense1.bias"]).clamp(min=0)
    expected = x @ state["dense2.weight"].T + state["dense2.bias"]
    with torch.inference_mode():
        torch.testing.assert_close(network(images), expected)


def test_the_loss_is_binary_cross_entropy():
    """One batch: mean of -log σ(s) of the second class, -log(1 - σ(s)) of the first."""
    generator = torch.Generator().manual_seed(0)
    images, codes = torch.rand(6, 3, 64, 64, generator=generator), torch.tensor([0, 1, 1, 0, 1, 0])
    with torch.inference_mode():
        scores = made()(images)[:, 0].double().numpy()
    share = 1 / (1 + np.exp(-scores))
    expected = -np.log(np.where(codes.numpy() == 1, share, 1 - share)).mean()
    recipe = Recipe(epochs=1, batch_size=6, half=False)
    trained = train(made(), Samples(images, codes), None, recipe, torch.device("cpu"))
    assert trained.history[0]["train_loss"] == pytest.approx(expected, rel=1e-6)
