"""Networks of timm: their features, what they take, and what is said where something is missing."""

import importlib.metadata
import importlib.util

import numpy as np
import pytest
import torch

from networks.catalogue import InputFormat, build, input_format, seeded
from networks.embedding import Embedder
from networks.errors import NetworkError
from networks.loading import official_file
from networks.pictures import normalized, to_batch, to_unit_range
from networks.source import Source

pytestmark = pytest.mark.skipif(importlib.util.find_spec("timm") is None, reason="timm is not installed")

IMAGES = list(np.random.default_rng(0).integers(0, 4000, (3, 40, 56)))


@pytest.mark.parametrize(
    ("name", "size", "count"),
    [
        ("resnet10t", 64, 512),
        ("test_vit", 160, 64),
        ("test_convnext", 64, 64),
        ("test_efficientnet", 64, 256),
    ],
)
def test_features_are_what_timm_gives_before_the_head(name, size, count):
    """The same numbers as by ``forward_features`` and ``forward_head(pre_logits=True)``."""
    import timm

    with seeded(2):
        network = timm.create_model(name, pretrained=False).eval()
    form = input_format(f"timm/{name}")
    pictures = normalized(to_batch([to_unit_range(i) for i in IMAGES], form, size, "stretch"), form)
    with torch.inference_mode():
        expected = network.forward_head(network.forward_features(pictures), pre_logits=True)
    ours = Embedder(Source(f"timm/{name}", "random", size=size, seed=2), "float32", "cpu")(IMAGES).features
    assert ours.shape == (3, count)
    np.testing.assert_allclose(ours, expected.numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("model", ["timm/resnet18.a1_in1k", "timm/test_vit", "timm/convnext_atto"])
def test_the_input_format_is_that_of_timm(model):
    import timm

    config = timm.get_pretrained_cfg(model.removeprefix("timm/"))
    theirs = timm.data.create_transform(**timm.data.resolve_data_config(pretrained_cfg=config.to_dict()))
    resizing, cutting, _, normalizing = theirs.transforms
    form = input_format(model)
    assert (form.short_side, (form.size, form.size)) == (resizing.size, tuple(cutting.size))
    assert resizing.interpolation.value == form.interpolation
    np.testing.assert_allclose(normalizing.mean, form.mean)
    np.testing.assert_allclose(normalizing.std, form.std)


def test_an_input_format_by_hand():
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    assert input_format("timm/resnet18.a1_in1k") == InputFormat(224, 235, mean, std, "bicubic")


def test_transformers_are_built_for_the_size():
    ours = Embedder(Source("timm/test_vit", "random", size=96), "float32", "cpu")(IMAGES)
    assert ours.features.shape == (3, 64)


def test_an_inner_layer():
    ours = Embedder(Source("timm/resnet10t", "random", "layer2", size=64), "float32", "cpu")
    assert (ours.layer, ours(IMAGES).features.shape) == ("layer2", (3, 128))


def test_a_file_of_weights_and_the_same_weights_by_their_seed(tmp_path):
    with seeded(0):
        torch.save(build("timm/resnet10t").state_dict(), tmp_path / "w.pth")
    drawn, read = (
        Embedder(Source("timm/resnet10t", weights, size=64), "float32", "cpu")(IMAGES).features
        for weights in ("random", str(tmp_path / "w.pth"))
    )
    np.testing.assert_array_equal(drawn, read)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Source("timm/resnet19", "random"), "timm has no network 'resnet19'. Did you mean 'resnet18'?"),
        (
            Source("timm/resnet18.a9_in1k", "random"),
            "timm/resnet18 has no weights 'a9_in1k'. Did you mean 'a3_in1k'? It has: a1_in1k, a2_",
        ),
        (
            Source("timm/resnet10t", "IMAGENET1K_V1"),
            "timm/resnet10t: IMAGENET1K_V1 is a set of torchvision's; weights: imagenet is its own.",
        ),
        (Source("timm/resnet10t", "random", "layr2"), "has no layer 'layr2'. Did you mean 'layer2'?"),
        (Source("timm/test_vit", "random", size=99), "timm/test_vit cannot"),
        (Source("timm/resnet10t", "absent.pth"), "timm/resnet10t: there is no file of weights absent.pth"),
        (
            Source("timm/swin_tiny_patch4_window7_224", "random", "layers"),
            "its inner layers have channels last; only the default one can be had.",
        ),
    ],
    ids=lambda value: f"{value.model} {value.layer}" if isinstance(value, Source) else "",
)
def test_what_cannot_be_is_said(source, message):
    with pytest.raises(NetworkError) as caught:
        Embedder(source, "float32", "cpu")
    assert message in str(caught.value)


def test_weights_at_hand_are_used(torch_home):
    torch_home.mkdir(parents=True)
    (torch_home / "resnet10t.c3_in1k.safetensors").write_bytes(b"")
    assert official_file("timm/resnet10t", "imagenet") == torch_home / "resnet10t.c3_in1k.safetensors"


def test_weights_without_a_network(monkeypatch, torch_home):
    def unreachable(*_):
        raise OSError("no route to host")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", unreachable)
    with pytest.raises(NetworkError) as caught:
        official_file("timm/resnet10t", "imagenet")
    message = str(caught.value)
    assert message.startswith("the weights model.safetensors of timm/resnet10t.c3_in1k are not at hand")
    for part in (
        "(no route to host)",
        f"torch's cache ({torch_home}) for resnet10t.c3_in1k.safetensors; the hub's cache (",
        "https://huggingface.co/timm/resnet10t.c3_in1k/resolve/main/model.safetensors",
        "or name it in the grid (weights: PATH).",
    ):
        assert part in message


def test_the_extractor():
    from feature_extractors.cnn import CNN

    cnn = CNN("timm/resnet10t", "random", size=64, precision="float32").fit(IMAGES)
    assert cnn.get_feature_names_out()[-1] == "cnn_timm_resnet10t_511"
    assert cnn.transform(IMAGES).shape == (3, 512)
    assert cnn.identity()["package"] == importlib.metadata.version("timm")  # a name may get other weights
