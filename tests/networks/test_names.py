"""Names of networks, weights and devices: the right ones pass, of the wrong ones the message helps."""

import importlib.util

import pytest
import torchvision

from networks.names import (
    OWN,
    TORCHVISION,
    check_device,
    check_model,
    check_weights,
    did_you_mean,
    is_official,
)


def test_the_list_is_that_of_torchvision():
    assert list(TORCHVISION) == torchvision.models.list_models(module=torchvision.models)
    assert not set(OWN) & set(TORCHVISION)


@pytest.mark.parametrize("model", [*TORCHVISION, *OWN])
def test_every_network_of_the_list_is_accepted(model):
    check_model(model)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("resnet19", "there is no network 'resnet19'. Did you mean 'resnet18'? Networks: alexnet, conv"),
        ("VGG19", "there is no network 'VGG19'. Networks: "),  # nothing is near: case counts
        ("mobilenetv1", "Did you mean 'mobilenet_v1'?"),
        ("Xception", "Did you mean 'xception'?"),
        ("", "there is no network ''. Networks: "),
        ("timm/", "the network 'timm/' lacks a name after the slash."),
        ("keras/xception", "there is no network 'keras/xception'."),
    ],
)
def test_a_network_that_is_none(model, message):
    with pytest.raises(ValueError) as caught:
        check_model(model)
    assert message in str(caught.value)


@pytest.mark.parametrize("package", ["timm", "torchxrayvision"])
def test_a_package_that_is_not_installed_is_named_with_the_way_to_get_it(package, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == package else find(name))
    with pytest.raises(ValueError) as caught:
        check_model(f"{package}/some")
    expected = f"the network '{package}/some' needs the package {package}: pip install 'radsuite[{package}]'."
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    "weights",
    ["imagenet", "random", "IMAGENET1K_V1", "IMAGENET1K_SWAG_E2E_V1", "a.pth", "b/c.pt", "/d.safetensors"],
)
def test_weights_that_can_be(weights):
    check_weights(weights)


@pytest.mark.parametrize(
    ("weights", "end"),
    [
        ("imagnet", "Got 'imagnet'. Did you mean 'imagenet'?"),
        ("Random", "Got 'Random'. Did you mean 'random'?"),
        ("weights.h5", "Got 'weights.h5'."),
        ("", "Got ''."),
    ],
)
def test_weights_that_cannot_be(weights, end):
    with pytest.raises(ValueError) as caught:
        check_weights(weights)
    assert str(caught.value).startswith("weights are 'imagenet', 'random', a set of torchvision's")
    assert str(caught.value).endswith(end)


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda", "cuda:0", "cuda:11", "mps"])
def test_devices_that_can_be(device):
    check_device(device)


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cuda:-1", "cuda:a", "CPU", "cpu:0", "", "cpu\n"])
def test_devices_that_cannot_be(device):
    with pytest.raises(ValueError, match=r"^devices are auto, cpu, cuda, cuda:N and mps\. Got '"):
        check_device(device)


def test_published_weights():
    names = ["imagenet", "IMAGENET1K_V2", "random", "imagenet.pth"]
    assert [is_official(name) for name in names] == [True, True, False, False]


def test_hints_are_given_for_near_names_only():
    assert did_you_mean("resnt18", ["resnet18", "vgg19"]) == " Did you mean 'resnet18'?"
    assert did_you_mean("resnt18", ["vgg19", "alexnet"]) == ""
