"""Weights into networks: what is read, what is refused and in which words, and that no code is run."""

import contextlib
import os
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from networks.catalogue import build
from networks.errors import NetworkError
from networks.layers import up_to
from networks.loading import load_into, read_weights

TENSORS = {"a.weight": torch.arange(12.0).reshape(3, 4), "a.bias": torch.tensor([1.0, -2.0, 0.5])}


def saved(path, content, **options):
    torch.save(content, path, **options)
    return path


def assert_same(weights, expected):
    assert list(weights) == list(expected)
    for name, tensor in expected.items():
        assert torch.equal(weights[name], tensor), name


@pytest.mark.parametrize(
    "wrapped",
    [
        TENSORS,
        {"state_dict": TENSORS, "epoch": 3},
        {"model": TENSORS, "optimizer": {"lr": 0.1}},
        {f"module.{name}": tensor for name, tensor in TENSORS.items()},
        {"state_dict": {f"module.{name}": tensor for name, tensor in TENSORS.items()}},
    ],
    ids=["plain", "state_dict", "model", "DataParallel", "state_dict of DataParallel"],
)
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "before torch 1.6"])
def test_equivalent_files(tmp_path, wrapped, zipped):
    path = saved(tmp_path / "w.pth", wrapped, _use_new_zipfile_serialization=zipped)
    assert_same(read_weights(path), TENSORS)


def test_safetensors(tmp_path):
    save_file(TENSORS, tmp_path / "w.safetensors")
    weights = read_weights(tmp_path / "w.safetensors")
    assert_same({name: weights[name] for name in TENSORS}, TENSORS)
    assert len(weights) == len(TENSORS)


def test_whole_files_only(tmp_path):
    """A file cut anywhere is refused, in both formats; nothing but the error of networks leaves."""
    zipped = saved(tmp_path / "w.pth", TENSORS)
    old = saved(tmp_path / "old.pth", TENSORS, _use_new_zipfile_serialization=False)
    save_file(TENSORS, tmp_path / "w.safetensors")
    for path in (zipped, old, tmp_path / "w.safetensors"):
        whole = path.read_bytes()
        for length in range(0, len(whole) - 1, 13):
            path.write_bytes(whole[:length])
            with pytest.raises(NetworkError, match=path.name):
                read_weights(path)


DAMAGED = "damaged, or not a file of weights"
NO_WEIGHTS = r"holds no weights \(a state dict: names and tensors\)"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.pth", b"", DAMAGED),
        ("random.pth", bytes(range(256)) * 4, DAMAGED),
        ("page.pth", b"<html>404 Not Found</html>", DAMAGED),
        ("empty.safetensors", b"", "not a readable safetensors file"),
        ("random.safetensors", bytes(range(256)) * 4, "not a readable safetensors file"),
        ("page.safetensors", b"<html>404 Not Found</html>", "not a readable safetensors file"),
    ],
)
def test_files_of_something_else(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(NetworkError, match=f"{name}: {message}"):
        read_weights(tmp_path / name)


@pytest.mark.parametrize(
    "content",
    [{}, [1, 2], torch.zeros(3), {"a": 1}, {"a": torch.zeros(2), "b": "text"}, {"state_dict": {}}],
    ids=str,
)
def test_files_without_weights(tmp_path, content):
    with pytest.raises(NetworkError, match=NO_WEIGHTS):
        read_weights(saved(tmp_path / "w.pth", content))


def test_a_file_that_is_not_there(tmp_path):
    for name in ("w.pth", "w.safetensors"):
        with pytest.raises(NetworkError, match=rf"{name}: cannot be read \(No such file or directory"):
            read_weights(tmp_path / name)


class Trap:
    """Creates a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (Path(self.path),)


@pytest.mark.parametrize("way", ["torch", "torch, old", "protocol 2", "protocol 5", "beside tensors"])
def test_code_in_a_file_is_not_run(tmp_path, way):
    sprung, path = tmp_path / "sprung", tmp_path / "w.pth"
    trap = Trap(sprung)
    if way.startswith("protocol"):
        path.write_bytes(pickle.dumps(trap, protocol=int(way[-1])))
    else:
        content = TENSORS | {"trap": trap} if way == "beside tensors" else trap
        saved(path, content, _use_new_zipfile_serialization=way != "torch, old")
    with pytest.raises(NetworkError, match=r"holds code \(\S+\), which is never run|damaged"):
        read_weights(path)
    assert not sprung.exists()
    with contextlib.suppress(RuntimeError):  # of what comes after, where it is no file of torch
        torch.load(path, weights_only=False)
    assert sprung.exists()  # the trap does work


class Command:
    """Would run a command of the shell, by a module that torch refuses in words of its own."""

    def __reduce__(self):
        return os.system, ("exit 1",)


def test_a_command_in_a_file_is_refused_by_its_name(tmp_path):
    path = saved(tmp_path / "w.pth", TENSORS | {"trap": Command()})
    with pytest.raises(
        NetworkError, match=rf"holds code \({os.system.__module__}\.system\), which is never run"
    ):
        read_weights(path)


def test_a_file_that_was_cut_short_is_damaged(tmp_path):
    path = saved(tmp_path / "w.pth", build("squeezenet1_1").state_dict())
    whole = path.read_bytes()
    for length in (100, 5000, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(NetworkError, match=DAMAGED):
            read_weights(path)


def test_a_pickled_module_is_refused_by_the_name_of_its_class(tmp_path):
    path = saved(tmp_path / "w.pth", nn.Linear(2, 2))
    with pytest.raises(NetworkError) as caught:
        read_weights(path)
    assert str(caught.value) == (
        f"{path}: holds code (torch.nn.modules.linear.Linear), which is never run; a file of tensors alone is"
        " needed (torch.save(network.state_dict(), FILE))."
    )


class Small(nn.Module):
    """A network of three layers, the middle one with statistics."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.last = nn.Linear(4, 2)

    def forward(self, x):
        return self.last(self.norm(self.first(x)).mean((2, 3)))


def test_all_weights_arrive():
    source, network = Small(), Small()
    source.norm.running_mean += 1
    load_into(network, source.state_dict(), "small")
    assert_same(network.state_dict(), source.state_dict())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_numbers_of_other_precision_become_float32(dtype):
    weights = {n: t.to(dtype) if t.is_floating_point() else t for n, t in Small().state_dict().items()}
    network = Small()
    load_into(network, weights, "small")
    for name, tensor in network.state_dict().items():
        assert tensor.dtype == (torch.int64 if name.endswith("num_batches_tracked") else torch.float32)
        assert torch.equal(tensor, weights[name].to(tensor.dtype))


def test_counts_of_batches_may_be_missing():
    weights = {n: t for n, t in Small().state_dict().items() if not n.endswith("num_batches_tracked")}
    network = Small()
    load_into(network, weights, "small")
    assert torch.equal(network.first.weight, weights["first.weight"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"first.weight": torch.zeros(4, 1, 3, 3)}, "first.weight is 4×1×3×3, 4×3×3×3 is needed."),
        (
            {"last.weight": torch.zeros(5, 4), "last.bias": torch.tensor(0.0)},
            "last.weight is 5×4, 2×4 is needed, last.bias is one number, 2 is needed.",
        ),
    ],
)
def test_wrong_shapes_are_named(changes, message):
    network = Small()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with pytest.raises(NetworkError) as caught:
        load_into(network, Small().state_dict() | changes, "small, w.pth")
    assert str(caught.value) == f"small, w.pth: weights of another network: {message}"
    assert_same(network.state_dict(), before)


def test_missing_weights_are_named_and_how_far_the_file_goes():
    weights = {n: t for n, t in Small().state_dict().items() if not n.startswith("last")}
    with pytest.raises(NetworkError) as caught:
        load_into(Small(), weights, "small")
    message = "small: has no last.weight, last.bias. It goes as far as norm (layer: norm)."
    assert str(caught.value) == message


def test_weights_behind_the_layer_are_not_needed():
    network, source = build("resnet18").eval(), build("resnet18")
    weights = {n: t for n, t in source.state_dict().items() if not n.startswith(("layer4", "fc"))}
    part = up_to(network, "layer3", "resnet18")
    load_into(part, weights, "resnet18")
    assert_same(part.state_dict(), weights)


def test_weights_of_another_architecture():
    with pytest.raises(NetworkError) as caught:
        load_into(build("resnet18"), build("squeezenet1_1").state_dict(), "resnet18, w.pth")
    assert str(caught.value) == (
        "resnet18, w.pth: weights of another network; not one name fits (it has features.0.weight,"
        " features.0.bias, features.3.squeeze.weight, features.3.squeeze.bias …)."
    )


def test_weights_of_a_similar_architecture():
    with pytest.raises(
        NetworkError, match=r"has no layer1\.0\.conv3\.weight|weights of another network: lay"
    ):
        load_into(build("resnet50"), build("resnet18").state_dict(), "resnet50, w.pth")
