"""Networks by name: as large as published, and taking what their weights expect."""

import pytest
import torch
import torchvision

from networks.catalogue import (
    InputFormat,
    build,
    input_format,
    official_weights,
    parameter_count,
    published_set,
    seeded,
)
from networks.errors import NetworkError

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
PUBLISHED = {
    "mobilenet_v1": 4_231_976,  # Keras' MobileNet without its statistics
    "xception": 22_855_952,  # Chollet (2017), table 3
    "vgg19": 143_667_240,
}
OFTEN_USED = ["resnet18", "densenet121", "mobilenet_v3_small", "squeezenet1_1"]


@pytest.mark.parametrize(("model", "count"), PUBLISHED.items())
def test_published_numbers_of_parameters(model, count):
    assert parameter_count(build(model, random=False)) == count


@pytest.mark.parametrize("model", OFTEN_USED)
def test_numbers_of_parameters_are_those_of_torchvision(model):
    assert parameter_count(build(model)) == official_weights(model, "imagenet").meta["num_params"]


@pytest.mark.parametrize("model", ["inception_v3", "googlenet"])
def test_auxiliary_outputs_are_left_out(model):
    network = build(model, random=False).eval()
    assert not [name for name, _ in network.named_parameters() if name.lower().startswith("aux")]
    assert network(torch.zeros(1, 3, 96, 96)).shape == (1, 1000)


@pytest.mark.parametrize("model", ["inception_v3", "googlenet"])
def test_ported_networks_rescale_their_input_for_official_weights_alone(model):
    assert build(model, random=False, official=True).transform_input
    assert not build(model, random=False).transform_input
    assert not build(model).transform_input


def test_parameters_that_are_trained_are_counted_apart():
    network = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1))
    network[0].requires_grad_(False)
    assert (parameter_count(network), parameter_count(network, trainable=True)) == (13, 4)


@pytest.mark.parametrize(
    ("model", "weights", "expected"),
    [
        ("resnet18", "imagenet", InputFormat(224, 256, *IMAGENET)),
        ("resnet50", "IMAGENET1K_V2", InputFormat(224, 232, *IMAGENET)),
        ("resnet50", "mine.pth", InputFormat(224, 256, *IMAGENET)),
        ("inception_v3", "imagenet", InputFormat(299, 342, *IMAGENET, minimum=75)),
        ("efficientnet_b0", "random", InputFormat(224, 256, *IMAGENET, interpolation="bicubic")),
        ("vit_b_16", "IMAGENET1K_SWAG_E2E_V1", InputFormat(384, 384, *IMAGENET, "bicubic", 384)),
        ("mobilenet_v1", "mine.pth", InputFormat(224, 256, *IMAGENET, minimum=32)),
        ("xception", "mine.pth", InputFormat(299, 333, (0.5,) * 3, (0.5,) * 3, minimum=71)),
    ],
)
def test_input_formats(model, weights, expected):
    assert input_format(model, weights) == expected


def test_every_network_of_torchvision_has_an_input_format():
    for model in torchvision.models.list_models(module=torchvision.models):
        form = input_format(model)
        assert form.minimum <= form.size <= form.short_side, model
        assert form.channels == len(form.mean) == len(form.std) == 3, model


def test_imagenet_is_the_first_set_published():
    assert official_weights("resnet50", "imagenet").name == "IMAGENET1K_V1"
    assert official_weights("vit_h_14", "imagenet").name == "IMAGENET1K_SWAG_E2E_V1"
    assert official_weights("resnet50", "IMAGENET1K_V2").name == "IMAGENET1K_V2"


@pytest.mark.parametrize(
    ("model", "weights", "message"),
    [
        ("mobilenet_v1", "imagenet", "torchvision has no weights of mobilenet_v1; name a file of them"),
        (
            "resnet18",
            "IMAGENET1K_V2",
            "resnet18 has no weights 'IMAGENET1K_V2'. Did you mean 'IMAGENET1K_V1'",
        ),
        ("resnet50", "IMAGENET1K_V3", "It has: IMAGENET1K_V1, IMAGENET1K_V2."),
    ],
)
def test_weights_that_were_not_published(model, weights, message):
    with pytest.raises(NetworkError) as caught:
        official_weights(model, weights)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("model", "digest", "name"),
    [
        ("resnet50", "0676ba61", "IMAGENET1K_V1"),
        ("resnet50", "11ad3fa6", "IMAGENET1K_V2"),
        ("inception_v3", "0cc3c7bd", "IMAGENET1K_V1"),
        ("resnet50", "00000000", None),
        ("mobilenet_v1", "0676ba61", None),
    ],
)
def test_a_file_of_torchvision_is_known_by_its_content(model, digest, name):
    """The digits stand in the names of torchvision's files."""
    assert published_set(model, digest + "0" * 56) == name


@pytest.mark.parametrize("weights", ["imagenet", "random", "IMAGENET1K_V1", None])
def test_what_is_no_digest_is_no_published_file(weights):
    assert published_set("resnet50", weights) is None


def test_vision_transformers_are_built_for_the_size():
    assert build("vit_b_32", random=False, size=96).encoder.pos_embedding.shape == (1, 9 + 1, 768)
    with pytest.raises(NetworkError, match="vit_b_32 cannot be built for images of 100 pixels"):
        build("vit_b_32", random=False, size=100)


def test_a_seed_decides_and_leaves_no_trace():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    with seeded(0):
        first = torch.rand(3)
    with seeded(1):
        other = torch.rand(3)
    assert torch.equal(torch.rand(3), expected)
    with seeded(0):
        assert torch.equal(torch.rand(3), first)
    assert not torch.equal(first, other)
