"""Networks of torchxrayvision: one channel, its range of gray values, its features, no pickled objects."""

import importlib.util
import warnings

import numpy as np
import pytest
import torch

from networks.catalogue import build, input_format, seeded
from networks.embedding import Embedder
from networks.errors import NetworkError
from networks.loading import official_file, read_weights
from networks.source import Source

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("torchxrayvision") is None, reason="torchxrayvision is not installed"
)

DENSENET, RESNET = "torchxrayvision/densenet121-res224-all", "torchxrayvision/resnet50-res512-all"
IMAGE = np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8)
IMAGE[0, :2] = 0, 255


def package():
    with warnings.catch_warnings():
        import torchxrayvision
    return torchxrayvision


def test_gray_values_are_those_of_the_package():
    """The first layer's input, against ``torchxrayvision.utils.normalize``."""
    theirs = package().utils.normalize(IMAGE, 255)
    ours = Embedder(Source(DENSENET, "random", "x", "none", size=64), "float32", "cpu")([IMAGE]).features
    np.testing.assert_allclose(ours.reshape(64, 64), theirs, rtol=0, atol=1e-3)
    assert (ours.min(), ours.max()) == (-1024, 1024)


def test_features_are_those_of_the_package():
    with seeded(4):
        network = package().models.DenseNet().eval()
    gray = torch.from_numpy(package().utils.normalize(IMAGE, 255))[None, None]
    with torch.inference_mode():
        expected = network.features2(gray).numpy()
    ours = Embedder(Source(DENSENET, "random", size=64, seed=4), "float32", "cpu")([IMAGE]).features
    assert ours.shape == (1, 1024)
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4 * expected.max())


def test_the_resnet():
    ours = Embedder(Source(RESNET, "random", size=64), "float32", "cpu")([IMAGE])
    assert ours.features.shape == (1, 2048)
    assert build(RESNET).conv1.weight.shape == (64, 1, 7, 7)


@pytest.mark.parametrize(("model", "size"), [(DENSENET, 224), (RESNET, 512)])
def test_input_formats(model, size):
    form = input_format(model)
    assert (form.size, form.short_side, form.channels) == (size, size, 1)


def test_names_are_those_of_the_package():
    for name in package().models.model_urls:
        if "-res" in name:
            assert input_format(f"torchxrayvision/{name}").channels == 1


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            Source("torchxrayvision/densenet121-res224-al", "random"),
            "torchxrayvision has no weights 'densenet121-res224-al'. Did you mean 'densenet121-res224-all'?",
        ),
        (Source(DENSENET, "random", mean=(0, 0, 0)), "takes images of one channel; leave mean and std to it"),
        (Source(DENSENET, "random", size=16), "takes images of 32 pixels or more; size is 16."),
        (Source(DENSENET, "random", "feature"), "has no layer 'feature'. Did you mean 'features'?"),
    ],
    ids=["name", "mean", "size", "layer"],
)
def test_what_cannot_be_is_said(source, message):
    with pytest.raises(NetworkError) as caught:
        Embedder(source, "float32", "cpu")
    assert message in str(caught.value)


def test_numbers_at_hand_are_used(torch_home):
    """A state dict written from the package's own network, under the name that the message asks for."""
    torch_home.mkdir(parents=True)
    with seeded(4):
        network = package().models.DenseNet()
    torch.save(network.state_dict(), torch_home / "densenet121-res224-all.pth")
    read, drawn = (
        Embedder(Source(DENSENET, weights, size=64, seed=4), "float32", "cpu")([IMAGE]).features
        for weights in ("imagenet", "random")
    )
    np.testing.assert_array_equal(read, drawn)


def test_pickled_objects_are_not_read_and_the_way_out_is_told(torch_home):
    torch_home.mkdir(parents=True)
    published = package().models.model_urls["densenet121-res224-all"]["weights_url"]
    file = torch_home / published.rsplit("/", 1)[1]
    torch.save(package().models.DenseNet(), file)
    with pytest.raises(NetworkError, match=r"holds code \(torchxrayvision\.models\.DenseNet\)"):
        read_weights(file)
    with pytest.raises(NetworkError) as caught:
        official_file(DENSENET, "imagenet")
    message = str(caught.value)
    assert message.startswith("there is no file densenet121-res224-all.pth; looked in: torch's cache (")
    assert published in message
    code = message.split('python -c "')[1].split('"')[0]
    compile(code, "message", "exec")
    assert "get_model('densenet121-res224-all').state_dict(), 'densenet121-res224-all.pth')" in code


def test_the_published_resnet_is_used_as_it_is(torch_home):
    torch_home.mkdir(parents=True)
    file = torch_home / "pc-nih-rsna-siim-vin-resnet50-test512-e400-state.pt"
    file.write_bytes(b"")
    assert official_file(RESNET, "imagenet") == file


def test_warnings_are_not_switched_off_by_the_package():
    """Its import does so for the whole process; ours leaves the filters as they were."""
    import subprocess
    import sys

    code = (
        "import warnings;"
        f" from networks.catalogue import build; build({DENSENET!r});"
        " assert ('ignore', None, Warning, None, 0) not in warnings.filters"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
