"""The photographs of scikit-image, without a network."""

import socket

import numpy as np
import pytest
import skimage.data
from pydantic import ValidationError

from suite.datasets import textures
from suite.datasets.textures import Textures


def load(**options):
    return Textures(**options).load(locate=None)


def test_patches_tile_the_photographs():
    dataset = load(size=64)
    whole = {name: np.full((512, 512), -1) for name in ("brick", "grass", "gravel")}
    for image, label in zip(dataset.images, dataset.samples["label"], strict=True):
        whole[label][image.y : image.y + 64, image.x : image.x + 64] = image.read()
    for name, pixels in whole.items():
        np.testing.assert_array_equal(pixels, getattr(skimage.data, name)())


def test_overlapping_patches_stay_in_one_region():
    dataset = load(size=64, stride=32, regions=2)
    assert len(dataset) == 3 * 4 * 7 * 7
    owner = np.full((3, 512, 512), "", dtype="U32")
    photographs = ["brick", "grass", "gravel"]
    for image, label, group in zip(
        dataset.images, dataset.samples["label"], dataset.samples["group"], strict=True
    ):
        pixels = owner[photographs.index(label), image.y : image.y + 64, image.x : image.x + 64]
        assert set(np.unique(pixels)) <= {"", group}
        pixels[:] = group
    assert dataset.samples["group"].nunique() == 12


def test_no_network_is_needed(monkeypatch, tmp_path):
    def refuse(*arguments):
        raise AssertionError("no connection must be tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    textures._photograph.cache_clear()
    assert {image.read().shape for image in load(size=128).images} == {(128, 128)}


def test_fingerprints_follow_photograph_place_and_size():
    prints = [image.fingerprint() for size in (64, 32) for image in load(size=size).images]
    assert len(set(prints)) == len(prints) == 192 + 768


def test_a_patch_larger_than_a_region_is_refused():
    with pytest.raises(ValidationError, match="a patch of 200 pixels does not fit into a region of 128"):
        Textures(size=200)
