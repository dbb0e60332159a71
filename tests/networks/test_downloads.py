"""Official weights: at hand, downloaded from a server on this machine, damaged on the way, not to be had."""

import hashlib
import threading
import urllib.error
import urllib.request
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch

from networks.errors import NetworkError
from networks.loading import downloaded, official_file, read_weights

TENSOR = torch.arange(12.0).reshape(3, 4)


@pytest.mark.parametrize("place", ["$SUITE_WEIGHTS", "torch's cache"])
def test_official_weights_at_hand_are_used(tmp_path, monkeypatch, torch_home, place):
    own = tmp_path / "own"
    monkeypatch.setenv("SUITE_WEIGHTS", str(own))
    folder = own if place == "$SUITE_WEIGHTS" else torch_home
    folder.mkdir(parents=True)
    (folder / "resnet18-f37072fd.pth").write_bytes(b"")
    assert official_file("resnet18", "imagenet") == folder / "resnet18-f37072fd.pth"


def test_official_weights_without_a_network(tmp_path, monkeypatch, torch_home):
    def unreachable(*_, **__):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(urllib.request, "urlopen", unreachable)
    monkeypatch.setenv("SUITE_WEIGHTS", str(tmp_path / "own"))
    with pytest.raises(NetworkError) as caught:
        official_file("resnet18", "imagenet")
    assert str(caught.value) == (
        "the weights resnet18-f37072fd.pth are not at hand, and"
        " https://download.pytorch.org/models/resnet18-f37072fd.pth did not give them (<urlopen error no"
        f" route to host>). Looked in: $SUITE_WEIGHTS ({tmp_path / 'own'}); torch's cache ({torch_home})."
        " Where there is a network, download the file and put it into one of these, or name it in the grid"
        " (weights: PATH)."
    )


class Silent(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_):
        pass


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A folder, and the address where this machine serves it."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    folder = tmp_path / "served"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_download_arrives_in_the_cache_of_torch(served, torch_home, capfd):
    folder, address = served
    torch.save({"a": TENSOR}, folder / "w.pth")
    content = (folder / "w.pth").read_bytes()
    name = f"w-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    (folder / "w.pth").rename(folder / name)
    assert downloaded(f"{address}/{name}") == torch_home / name
    assert torch.equal(read_weights(torch_home / name)["a"], TENSOR)


def test_a_download_of_other_content_than_its_name_says_is_refused_and_not_kept(served, torch_home, capfd):
    folder, address = served
    torch.save({"a": TENSOR}, folder / "w-00000000.pth")
    with pytest.raises(NetworkError, match=r"did not give them \(invalid hash value .*00000000"):
        downloaded(f"{address}/w-00000000.pth")
    assert list(torch_home.iterdir()) == []


def test_a_file_that_the_server_does_not_have(served, torch_home):
    with pytest.raises(NetworkError, match=r"did not give them \(HTTP Error 404"):
        downloaded(f"{served[1]}/w-00000000.pth")
