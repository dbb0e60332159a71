"""Layers of networks: how many features each family has, inner layers, and pooling by hand."""

import pytest
import torch
from torch import nn

from networks.catalogue import build, input_format
from networks.embedding import Embedder
from networks.errors import NetworkError
from networks.layers import FEATURES, default_layer, pooled, up_to
from networks.source import Source

# network: layer whose output goes into the head, number of features
FAMILIES = {
    "alexnet": ("features", 256),
    "convnext_tiny": ("classifier.1", 768),
    "densenet121": ("flatten", 1024),
    "efficientnet_b0": ("flatten", 1280),
    "googlenet": ("dropout", 1024),
    "inception_v3": ("flatten", 2048),
    "maxvit_t": ("blocks.3.layers.1.layers.grid_attention.departition_op.reshape_1", 512),
    "mnasnet1_0": ("mean", 1280),
    "mobilenet_v1": ("flatten", 1024),
    "mobilenet_v2": ("flatten", 1280),
    "mobilenet_v3_large": ("flatten", 960),
    "mobilenet_v3_small": ("flatten", 576),
    "regnet_y_400mf": ("flatten", 440),
    "resnet18": ("flatten", 512),
    "resnet50": ("flatten", 2048),
    "shufflenet_v2_x1_0": ("mean", 1024),
    "squeezenet1_1": ("features.12.cat", 512),
    "swin_t": ("flatten", 768),
    "vgg11": ("features", 512),
    "vit_b_32": ("getitem_5", 768),
    "xception": ("flatten", 2048),
}


@pytest.mark.parametrize("model", FAMILIES)
def test_the_default_layer_of_every_family(model):
    """With random weights, at the smallest size that the network takes."""
    size = max(input_format(model).minimum, 32)
    embedder = Embedder(Source(model, "random", size=size), "float32", "cpu")
    assert (embedder.layer, embedder.n_features) == FAMILIES[model]


HEADS = {"resnet18": "fc", "mobilenet_v2": "classifier", "shufflenet_v2_x1_0": "fc"}


@pytest.mark.parametrize("model", HEADS)
def test_the_default_layer_is_what_the_head_gets(model):
    network = build(model).eval()
    seen = []
    head = getattr(network, HEADS[model])
    head.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    images = torch.rand(2, 3, 96, 96)
    with torch.inference_mode():
        network(images)
        ours = up_to(network, default_layer(network, model), model)(images)[FEATURES]
    assert torch.equal(ours, seen[0])


def hooked(network, name, images):
    """Output of a module, by a hook."""
    seen = []
    handle = network.get_submodule(name).register_forward_hook(lambda *given: seen.append(given[2].clone()))
    with torch.inference_mode():
        network(images)
    handle.remove()
    return seen[0]


INNER = [
    ("resnet18", "layer3", (256, 4, 4)),
    ("resnet18", "layer2.0.conv1", (128, 8, 8)),
    ("mobilenet_v1", "features.4", (128, 16, 16)),
    ("googlenet", "inception4a", (512, 4, 4)),
]


@pytest.mark.parametrize(("model", "layer", "shape"), INNER)
def test_inner_layers_and_their_pooling(model, layer, shape):
    """Against the reductions, written as loops, of what a hook sees."""
    network, images = build(model).eval(), torch.rand(2, 3, 64, 64)
    expected = hooked(network, layer, images)
    assert expected.shape[1:] == shape
    with torch.inference_mode():
        output = up_to(network, layer, model)(images)[FEATURES]
    rows = {pool: pooled(output, 2, pool, model, layer) for pool in ("avg", "max", "none")}
    for image in range(2):
        channels = [expected[image, channel] for channel in range(shape[0])]
        means = torch.tensor([sum(c.flatten().tolist()) / c.numel() for c in channels])
        torch.testing.assert_close(rows["avg"][image], means, rtol=1e-5, atol=1e-5)
        assert rows["max"][image].tolist() == [max(c.flatten().tolist()) for c in channels]
        assert rows["none"][image].tolist() == [v for c in channels for v in c.flatten().tolist()]


def test_swin_keeps_channels_last_but_after_its_convolution():
    model, images = "swin_t", torch.rand(1, 3, 64, 64)
    network = build(model).eval()
    for layer, width, axes in [
        ("features.0.0", 96, (2, 3)),
        ("features.0", 96, (1, 2)),
        ("features.3", 192, (1, 2)),
        ("permute", 768, (2, 3)),
    ]:
        if layer == "permute":
            expected = hooked(network, "norm", images).permute(0, 3, 1, 2)
        else:
            expected = hooked(network, layer, images)
        with torch.inference_mode():
            output = up_to(network, layer, model)(images)[FEATURES]
        row = pooled(output, 1, "avg", model, layer)
        assert row.shape == (1, width), layer
        torch.testing.assert_close(row, expected.mean(axes))


@pytest.mark.parametrize(
    ("block_layer", "width", "axes"), [(0, 96, (2, 3)), (2, 96, (1, 2)), (3, 384, (1, 2)), (6, 96, (2, 3))]
)
def test_convnext_has_channels_last_within_its_blocks(block_layer, width, axes):
    model, layer = "convnext_tiny", f"features.1.0.block.{block_layer}"
    network, images = build(model).eval(), torch.rand(1, 3, 32, 64)
    expected = hooked(network, layer, images)
    with torch.inference_mode():
        row = pooled(up_to(network, layer, model)(images), 1, "avg", model, layer)
    assert row.shape == (1, width)
    torch.testing.assert_close(row, expected.mean(axes))


def test_a_transformers_tokens_are_its_places():
    network, images = build("vit_b_32", size=64).eval(), torch.rand(2, 3, 64, 64)
    layer = "encoder.layers.encoder_layer_3"
    expected = hooked(network, layer, images)
    assert expected.shape == (2, 1 + 4, 768)
    with torch.inference_mode():
        output = up_to(network, layer, "vit_b_32")(images)[FEATURES]
        head = up_to(network, default_layer(network, "vit_b_32"), "vit_b_32")(images)[FEATURES]
        torch.testing.assert_close(network.heads(head), network(images))  # the token of the class
    torch.testing.assert_close(pooled(output, 2, "avg", "vit_b_32", layer), expected.mean(1))
    torch.testing.assert_close(pooled(output, 2, "max", "vit_b_32", layer), expected.amax(1))


def test_vectors_are_given_as_they_are():
    vectors = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    for pool in ("avg", "max", "none"):
        assert torch.equal(pooled(vectors, 2, pool, "resnet18", "flatten"), vectors)


def test_the_part_behind_the_layer_is_gone():
    part = up_to(build("resnet18"), "layer2", "resnet18")
    names = {name.split(".")[0] for name in part.state_dict()}
    assert names == {"conv1", "bn1", "layer1", "layer2"}


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("layr3", "resnet18 has no layer 'layr3'. Did you mean 'layer3'? Its layers, from the input on: x,"),
        ("layer5", "Did you mean 'layer4'?"),
        ("Mixed_7c", "resnet18 has no layer 'Mixed_7c'. Its layers, from the input on: x, conv1, bn1, relu"),
        ("layer", "resnet18 has no layer 'layer'."),
    ],
)
def test_a_layer_that_is_none(layer, message):
    with pytest.raises(NetworkError) as caught:
        up_to(build("resnet18"), layer, "resnet18")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("model", "layer"), [("shufflenet_v2_x1_0", "stage2.0.getitem"), ("vit_b_32", "getattr")]
)
def test_a_layer_that_gives_no_numbers(model, layer):
    size = max(input_format(model).minimum, 32)
    with pytest.raises(NetworkError, match=f"{model}: {layer} gives no numbers for each image; name another"):
        Embedder(Source(model, "random", layer=layer, size=size), "float32", "cpu")


def test_a_network_without_a_known_head():
    with pytest.raises(NetworkError, match="mine: no head was found; name a layer"):
        default_layer(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), "mine")


class Undecided(nn.Module):
    """A network whose way depends on what it sees."""

    def forward(self, x):
        return x if x.sum() > 0 else -x


def test_a_network_that_cannot_be_traced():
    with pytest.raises(NetworkError, match=r"timm/mine: its layers cannot be told .*; leave layer out, or"):
        up_to(Undecided(), "layer2", "timm/mine")
