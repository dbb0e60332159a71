"""Weights trained on ImageNet: photographs are recognised, files that end early give what they have."""

import numpy as np
import pytest
import skimage.data
import skimage.transform
import torch
from torchvision.transforms.functional import center_crop, resize

from networks.catalogue import build, input_format
from networks.embedding import Embedder
from networks.errors import NetworkError
from networks.loading import load_into, read_weights
from networks.padding import pad_as_tensorflow
from networks.pictures import normalized
from networks.source import Source
from networks.weights_files import identity_of

FILES = {
    "squeezenet1_1": "squeezenet1_1_caffe-232f7166.pth",
    "mobilenet_v2": "mobilenet_v2_tf-f9d3e955.pth",
    "mobilenet_v3_small": "mobilenet_v3_small_keras-4291627d.pth",
    "mobilenet_v1": "mobilenet_v1_tf-ca845bf9.pth",
    "resnet18": "resnet18_to_layer3-8a6f6888.pth",
    "inception_v3": "inception_v3_to_mixed7a-2ffe6387.pth",
}
EGYPTIAN_CAT, ESPRESSO = 285, 967  # in ImageNet's order of classes
PHOTOGRAPHS = {"chelsea": EGYPTIAN_CAT, "coffee": ESPRESSO}
WHOLE = ["squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v1"]


@pytest.fixture(scope="module")
def pictures():
    """The photographs, short side 256, the centre of 224 cut out, as one batch of three channels."""
    return torch.stack([picture(getattr(skimage.data, name)()) for name in PHOTOGRAPHS])


def picture(photograph):
    """By scikit-image: torchvision's resizing makes another cat of this one for SqueezeNet (282, not 285)."""
    height, width, _ = photograph.shape
    scale = 256 / min(height, width)
    resized = skimage.transform.resize(photograph, (round(height * scale), round(width * scale)))
    return center_crop(torch.from_numpy(resized).float().permute(2, 0, 1), [224])


def probabilities(model, real_weights, pictures, padding):
    network = build(model, random=False).eval()
    load_into(network, read_weights(real_weights / FILES[model]), model)
    if padding == "tensorflow":
        network = pad_as_tensorflow(network)
    with torch.inference_mode():
        return network(normalized(pictures, input_format(model, FILES[model]))).softmax(1)


@pytest.mark.parametrize("model", FILES)
def test_the_files_are_the_ones_meant(real_weights, model):
    """Their names end in the first digits of what names their content."""
    path = real_weights / FILES[model]
    assert identity_of(str(path))[:8] == path.stem.rsplit("-", 1)[1]


@pytest.mark.parametrize("padding", ["torch", "tensorflow"])
@pytest.mark.parametrize("model", WHOLE)
def test_photographs_are_recognised(real_weights, pictures, model, padding):
    found = probabilities(model, real_weights, pictures, padding)
    assert found.argmax(1).tolist() == list(PHOTOGRAPHS.values())
    assert found.amax(1).min() > 0.3


SIZES = {"squeezenet1_1": 512, "mobilenet_v3_small": 576, "mobilenet_v2": 1280, "mobilenet_v1": 1024}


@pytest.mark.parametrize("model", WHOLE)
def test_features_are_what_the_head_turns_into_classes(real_weights, model):
    """The last linear layer on the features gives the scores of the whole network on the same gray image."""
    image = skimage.data.camera()
    embedder = Embedder(Source(model, str(real_weights / FILES[model]), resize="crop"), "float32", "cpu")
    features = torch.from_numpy(embedder([image]).features)
    assert features.shape == (1, SIZES[model])
    if model == "squeezenet1_1":
        return  # its head is a convolution before the pooling
    network = build(model, random=False).eval()
    load_into(network, read_weights(real_weights / FILES[model]), model)
    gray = center_crop(resize(torch.from_numpy(image)[None] / 255, [256]), [224])
    gray = (gray - image.min() / 255) / float(np.ptp(image) / 255)
    with torch.inference_mode():
        head = network.classifier(features)
        whole = network(normalized(gray[None], input_format(model)))
    torch.testing.assert_close(head, whole, rtol=1e-3, atol=1e-3)


EARLY = {
    "resnet18": ("layer3", 256, "layer4.0.conv1.weight"),
    "inception_v3": ("Mixed_7a", 1280, "Mixed_7b.branch1x1.conv.weight"),
}


@pytest.mark.parametrize("model", EARLY)
def test_a_file_that_ends_early_gives_the_layers_it_has(real_weights, model):
    layer, n_features, _ = EARLY[model]
    source = Source(model, str(real_weights / FILES[model]), layer)
    features = Embedder(source, "float32", "cpu")([skimage.data.camera(), skimage.data.brick()]).features
    assert features.shape == (2, n_features)
    assert np.isfinite(features).all()
    assert np.corrcoef(features)[0, 1] < 0.9  # a photographer is no wall


@pytest.mark.parametrize("model", EARLY)
def test_a_file_that_ends_early_says_which_layer_to_ask_for(real_weights, model):
    layer, _, missing = EARLY[model]
    with pytest.raises(NetworkError) as caught:
        Embedder(Source(model, str(real_weights / FILES[model])), "float32", "cpu")
    message = str(caught.value)
    assert message.startswith(f"{model}, {FILES[model]}: has no {missing}, ")
    assert message.endswith(f"It goes as far as {layer} (layer: {layer}).")


def test_weights_of_one_network_are_no_weights_of_another(real_weights):
    with pytest.raises(
        NetworkError, match=r"mobilenet_v3_small, mobilenet_v2_tf-f9d3e955\.pth: weights of an"
    ):
        Embedder(Source("mobilenet_v3_small", str(real_weights / FILES["mobilenet_v2"])), "float32", "cpu")
