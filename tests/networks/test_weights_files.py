"""Files of weights: the order of places, and that their content alone names them."""

import hashlib
import os
from pathlib import Path

import pytest

from networks.weights_files import find_weights, identity_of, places


@pytest.fixture
def folders(tmp_path, monkeypatch, torch_home):
    """The working folder, that of ``$SUITE_WEIGHTS`` and torch's cache, in the order of looking."""
    here, own = tmp_path / "here", tmp_path / "own"
    for folder in (here, own, torch_home):
        folder.mkdir(parents=True)
    monkeypatch.chdir(here)
    monkeypatch.setenv("SUITE_WEIGHTS", str(own))
    return here, own, torch_home


@pytest.mark.parametrize("filled", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)])
def test_the_first_place_that_has_the_file_gives_it(folders, filled):
    for index in filled:
        (folders[index] / "w.pth").write_text(str(index))
    found = find_weights("w.pth")
    assert found.read_text() == str(filled[0])
    assert find_weights("other.pth") is None


def test_a_path_is_looked_for_below_the_places_too(folders):
    (folders[1] / "sub").mkdir()
    (folders[1] / "sub/w.pth").write_text("")
    assert find_weights("sub/w.pth") == folders[1] / "sub/w.pth"
    assert find_weights(str(folders[1] / "sub/w.pth")) == folders[1] / "sub/w.pth"


def test_a_folder_is_no_file_of_weights(folders):
    (folders[0] / "w.pth").mkdir()
    assert find_weights("w.pth") is None


def test_a_tilde_is_the_home(folders, monkeypatch):
    monkeypatch.setenv("HOME", str(folders[1]))
    monkeypatch.setenv("SUITE_WEIGHTS", "~/sub")
    (folders[1] / "w.pth").write_text("")
    assert find_weights("~/w.pth") == folders[1] / "w.pth"
    assert places()["$SUITE_WEIGHTS"] == folders[1] / "sub"


@pytest.mark.parametrize(
    ("variables", "cache"),
    [
        ({"TORCH_HOME": "/a"}, "/a/hub/checkpoints"),
        ({"XDG_CACHE_HOME": "/b"}, "/b/torch/hub/checkpoints"),
        ({"TORCH_HOME": "/a", "XDG_CACHE_HOME": "/b"}, "/a/hub/checkpoints"),
        ({"HOME": "/c"}, "/c/.cache/torch/hub/checkpoints"),
    ],
)
def test_the_cache_is_where_torch_has_it(monkeypatch, variables, cache):
    import torch

    for name in ("TORCH_HOME", "XDG_CACHE_HOME", "SUITE_WEIGHTS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert places() == {"torch's cache": Path(cache)}
    assert Path(torch.hub.get_dir()) / "checkpoints" == Path(cache)


def test_an_empty_variable_names_no_place(monkeypatch):
    monkeypatch.setenv("SUITE_WEIGHTS", "")
    assert list(places()) == ["torch's cache"]


def test_the_content_names_a_file_and_neither_its_place_nor_its_name(folders):
    content = b"weights" * 1_000_000  # more than is read at a time
    for path in (folders[0] / "a.pth", folders[1] / "b.pth"):
        path.write_bytes(content)
    (folders[1] / "c.pth").write_bytes(content[:-1])
    assert identity_of("a.pth") == identity_of("b.pth") == hashlib.sha256(content).hexdigest()
    assert identity_of("c.pth") == hashlib.sha256(content[:-1]).hexdigest()
    assert identity_of("d.pth") is None


def test_a_changed_file_has_another_identity(folders):
    path = folders[0] / "a.pth"
    path.write_bytes(b"one")
    first = identity_of("a.pth")
    path.write_bytes(b"two")
    os.utime(path, ns=(0, 1))  # some file systems tell whole seconds only
    assert first == hashlib.sha256(b"one").hexdigest()
    assert identity_of("a.pth") == hashlib.sha256(b"two").hexdigest()


@pytest.mark.parametrize("weights", ["imagenet", "random", "IMAGENET1K_V2"])
def test_published_weights_are_named_by_their_set(weights):
    assert identity_of(weights) == weights
