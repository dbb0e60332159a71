"""The extractor `cnn`: names, what decides its values, its messages, regions, and whole runs of it."""

import shutil

import numpy as np
import pytest
import torch

from feature_extractors.cnn import CNN
from networks.catalogue import build, seeded
from networks.embedding import Embedder
from networks.source import Source

SMALL = {"model": "squeezenet1_1", "weights": "random", "size": 48, "precision": "float32", "device": "cpu"}
IMAGE = np.random.default_rng(0).integers(0, 4000, (40, 56)).astype(np.uint16)


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """No weights of this machine are found."""
    monkeypatch.delenv("SUITE_WEIGHTS", raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


@pytest.fixture
def save_weights():
    """Write weights drawn from a seed; the folder is made."""

    def save(path, seed=0, model="squeezenet1_1"):
        path.parent.mkdir(parents=True, exist_ok=True)
        with seeded(seed):
            torch.save(build(model).state_dict(), path)
        return str(path)

    return save


def test_values_are_those_of_networks():
    images = [IMAGE, IMAGE[::-1], IMAGE[:30, :20].astype(float)]
    source = Source("squeezenet1_1", "random", "features.6", "max", 48, "crop", (100.0, 3000.0), seed=3)
    parameters = SMALL | {"layer": "features.6", "pool": "max", "resize": "crop", "random_state": 3}
    ours = CNN(**parameters, gray_range=[100, 3000]).fit_transform(images)
    assert ours.dtype == np.float32
    assert ours.shape == (3, 256)
    np.testing.assert_array_equal(ours, Embedder(source, "float32", "cpu")(images).features)


@pytest.mark.parametrize(
    ("parameters", "prefix", "count"),
    [
        ({}, "cnn_squeezenet1_1", 512),
        ({"layer": "features.6"}, "cnn_squeezenet1_1_features.6", 256),
        ({"layer": "features.3", "pool": "none", "size": 33}, "cnn_squeezenet1_1_features.3", 128 * 8 * 8),
    ],
)
def test_names(parameters, prefix, count):
    names = CNN(**SMALL | parameters).fit([IMAGE]).get_feature_names_out()
    assert names.tolist() == [f"{prefix}_{index}" for index in range(count)]


def test_what_was_computed_is_told():
    cnn = CNN(**SMALL).fit([IMAGE])
    cnn.transform([IMAGE])
    assert (cnn.precision_, cnn.agreement_) == ("float32", None)
    half = CNN(**SMALL | {"precision": "bfloat16"}).fit([IMAGE])
    half.transform([IMAGE])
    assert half.precision_ == "bfloat16"
    assert 0.99 < half.agreement_ <= 1


def test_what_decides_the_features():
    """Not how they are computed; the seed only where it is used."""
    identity = CNN(**SMALL).identity()
    assert not {"batch_size", "device", "compile"} & set(identity)
    assert identity["random_state"] == 0
    assert identity == CNN(**SMALL, batch_size=3, compile=True).identity()
    assert identity == CNN(**SMALL | {"device": "auto"}).identity()
    assert identity != CNN(**SMALL, random_state=1).identity()
    trained = CNN("resnet18").identity()
    assert not {"random_state", "package"} & set(trained)
    assert trained["weights"] == "imagenet"


DECISIVE = {
    "layer": "features.6", "pool": "max", "size": 64, "resize": "crop", "gray_range": [0, 1],
    "mean": [0, 0, 0], "std": [1, 1, 1], "padding": "tensorflow", "precision": "bfloat16",
    "model": "squeezenet1_0", "weights": "imagenet",
}  # fmt: skip


@pytest.mark.parametrize("name", DECISIVE)
def test_every_other_parameter_decides(name):
    assert CNN(**SMALL).identity() != CNN(**SMALL | {name: DECISIVE[name]}).identity()


def test_a_file_is_known_by_its_content(tmp_path, save_weights):
    one, same = save_weights(tmp_path / "one.pth"), str(tmp_path / "two.pth")
    shutil.copy(one, same)
    other = save_weights(tmp_path / "c/one.pth", seed=1)
    identities = [CNN("squeezenet1_1", file).identity() for file in (one, same, other)]
    assert identities[0] == identities[1] != identities[2]
    assert len(identities[0]["weights"]) == 64
    assert CNN("squeezenet1_1", "absent.pth").identity()["weights"] is None


def test_remarks():
    assert CNN(weights="random").remarks() == ("random weights",)
    assert CNN().remarks() == CNN(weights="a.pth").remarks() == ()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"model": "resnet19"},
            "'model' parameter of CNN: there is no network 'resnet19'. Did you mean 'resn",
        ),
        ({"weights": "imagnet"}, "'weights' parameter of CNN: weights are 'imagenet', 'random', a set of"),
        (
            {"device": "gpu"},
            "'device' parameter of CNN: devices are auto, cpu, cuda, cuda:N and mps. Got 'gp",
        ),
        ({"pool": "mean"}, "'pool' parameter of CNN must be a str among {'"),
        ({"size": 0}, "'size' parameter of CNN must be an int in the range [1, inf) or None. Got 0"),
        ({"batch_size": 0}, "'batch_size' parameter of CNN must be an int in the range [1, inf) or None."),
        ({"precision": "half"}, "'precision' parameter of CNN must be a str among {'"),
        ({"padding": "same"}, "'padding' parameter of CNN must be a str among {'"),
        ({"resize": "pad"}, "'resize' parameter of CNN must be a str among {'"),
        (
            {"gray_range": [5]},
            "'gray_range' parameter of CNN must be two numbers, the smaller first. Got [5]",
        ),
        ({"gray_range": [5, 5]}, "must be two numbers, the smaller first. Got [5, 5] instead."),
        ({"gray_range": [float("nan"), 1]}, "must be two numbers, the smaller first. Got [nan, 1] instead."),
        ({"gray_range": ["0", "1"]}, "must be two numbers, the smaller first. Got ['0', '1'] instead."),
        ({"mean": [0.5]}, "'mean' parameter of CNN must be three numbers. Got [0.5] instead."),
        ({"mean": [0, 0, float("inf")]}, "'mean' parameter of CNN must be three numbers."),
        ({"std": [1, 1, 0]}, "'std' parameter of CNN must be three numbers above 0. Got [1, 1, 0] instead."),
        ({"random_state": -1}, "'random_state' parameter of CNN must be an int in the range [0, 2147483648)"),
        ({"layer": 3}, "'layer' parameter of CNN must be an instance of 'str' or None. Got 3 instead."),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_bad_values(parameters, message):
    with pytest.raises((ValueError, TypeError)) as caught:
        CNN(**SMALL | parameters).check_parameters()
    assert message in str(caught.value)


def test_what_is_outside_the_region_is_zero():
    """As if the image had the smallest value of the region there, whatever there is."""
    mask = np.zeros(IMAGE.shape, bool)
    mask[:10], mask[:, 40:] = True, True
    filled = np.where(mask, IMAGE[~mask].min(), IMAGE)
    absurd = np.ma.MaskedArray(np.where(mask, np.nan, IMAGE), mask)
    cnn = CNN(**SMALL).fit([IMAGE])
    expected = cnn.transform([filled])
    np.testing.assert_array_equal(cnn.transform([np.ma.MaskedArray(IMAGE, mask)]), expected)
    np.testing.assert_array_equal(cnn.transform([absurd]), expected)
    assert np.abs(cnn.transform([IMAGE]) - expected).max() > 0.01


def test_the_region_alone_is_seen_in_the_first_layer():
    mask = np.array([[False, False], [True, False]])
    image = np.ma.MaskedArray([[0, 2], [9, 4]], mask)
    cnn = CNN("resnet18", "random", "x", "none", 2, mean=[0, 0, 0], std=[1, 1, 1], precision="float32")
    np.testing.assert_array_equal(cnn.fit_transform([image]), [[0, 0.5, 0, 1] * 3])


def test_parameters_stay_as_they_were_given():
    """scikit-learn's clone relies on it."""
    from sklearn.base import clone

    cnn = CNN(**SMALL, gray_range=[0, 9], mean=(0, 0, 0))
    cnn.fit_transform([IMAGE])
    assert clone(cnn).get_params() == cnn.get_params()
    assert cnn.gray_range == [0, 9]
