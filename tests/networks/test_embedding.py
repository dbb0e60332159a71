"""Features of frozen networks: a plain forward by torch's own means, whatever the batch and the precision."""

import shutil

import numpy as np
import pytest
import torch
import torchvision

from networks.catalogue import build, seeded
from networks.embedding import CPU_BATCH, Embedder, embedder
from networks.errors import NetworkError
from networks.source import Source

SMALL = Source("squeezenet1_1", "random", size=48)


def images(n, shape=(40, 56), seed=0):
    return list(np.random.default_rng(seed).integers(0, 4000, (n, *shape)))


def test_features_are_those_of_a_plain_forward():
    """By numpy, torchvision's transforms and the network as torchvision builds it."""
    torch.manual_seed(3)
    network = torchvision.models.resnet18(weights=None).eval()
    network.fc = torch.nn.Identity()
    rows = []
    for image in images(3):
        unit = (image - image.min()) / (image.max() - image.min())
        picture = torchvision.transforms.functional.resize(torch.from_numpy(unit).float()[None], [64, 64])
        picture = torchvision.transforms.functional.normalize(
            picture.expand(3, -1, -1), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
        )
        with torch.no_grad():
            rows.append(network(picture[None])[0].numpy())
    ours = Embedder(Source("resnet18", "random", size=64, seed=3), "float32", "cpu")(images(3))
    np.testing.assert_allclose(ours.features, rows, rtol=1e-5, atol=1e-5)
    assert (ours.features.dtype, ours.precision, ours.agreement) == (np.float32, "float32", None)


def test_mean_and_deviation_can_be_given():
    """Of a network whose first layer is wanted, so that the values are those of the picture."""
    given = Source("resnet18", "random", "x", "none", 2, mean=(0.0, 0.5, 1.0), std=(1.0, 2.0, 4.0))
    row = Embedder(given, "float32", "cpu")([np.array([[0, 1], [2, 4]])]).features[0]
    unit = np.array([0, 0.25, 0.5, 1])
    np.testing.assert_allclose(row, np.concatenate([unit, (unit - 0.5) / 2, (unit - 1) / 4]), rtol=1e-6)


def test_a_row_does_not_depend_on_its_neighbours():
    """To the last bit: batches always have the same number of images."""
    network, many = Embedder(SMALL, "float32", "cpu"), images(2 * CPU_BATCH + 1)
    together = network(many).features
    assert len(np.unique(together, axis=0)) == len(many)
    for n in (1, 3, CPU_BATCH):
        np.testing.assert_array_equal(network(many[:n]).features, together[:n])
    np.testing.assert_array_equal(network(many[::-1]).features[::-1], together)


@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_the_size_of_batches_changes_rounding_only(batch_size):
    ours = Embedder(SMALL, "float32", "cpu", batch_size)(images(7)).features
    plain = Embedder(SMALL, "float32", "cpu")(images(7)).features
    np.testing.assert_allclose(ours, plain, rtol=1e-5, atol=1e-6)


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a compiler")
def test_a_compiled_network_gives_the_same_features():
    source = Source("squeezenet1_1", "random", "features.3", size=32)
    compiled = Embedder(source, "float32", "cpu", compiled=True)
    assert isinstance(compiled.network, torch._dynamo.OptimizedModule)
    plain = Embedder(source, "float32", "cpu")(images(3)).features
    np.testing.assert_allclose(compiled(images(3)).features, plain, rtol=1e-4, atol=1e-5)


class Cramped(Embedder):
    """An embedder on a device that holds few images."""

    holds = 2
    error = torch.OutOfMemoryError("out of memory")

    def _forward(self, part, dtype):
        if len(part) > self.holds:
            raise self.error
        return super()._forward(part, dtype)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes"),
        MemoryError(),
    ],
    ids=["device", "allocator of torch", "Python"],
)
def test_memory_that_runs_out_halves_the_batch(error):
    cramped = Cramped(SMALL, "float32", "cpu")
    cramped.error = error
    ours = cramped(images(11)).features
    np.testing.assert_allclose(ours, Embedder(SMALL, "float32", "cpu")(images(11)).features, rtol=1e-5)
    assert cramped.batch_size == 2  # 8 did not fit, neither did 4


def test_one_image_that_does_not_fit_is_an_error():
    cramped = Cramped(SMALL, "float32", "cpu")
    cramped.holds = 0
    with pytest.raises(torch.OutOfMemoryError):
        cramped(images(3))
    assert cramped.batch_size == 1


def test_other_errors_do_not_halve():
    cramped = Cramped(SMALL, "float32", "cpu")
    cramped.error = RuntimeError("something else")
    with pytest.raises(RuntimeError, match="something else"):
        cramped(images(3))
    assert cramped.batch_size == CPU_BATCH


@pytest.fixture
def fast_bfloat16(monkeypatch):
    """A processor that is fast at bfloat16, as far as we know."""
    monkeypatch.setattr("networks.devices._cpu_flags", lambda: {"amx_bf16"})


class Shaky(Embedder):
    """An embedder whose half precision is off by a share of noise."""

    noise = 0.0

    def _forward(self, part, dtype):
        rows = super()._forward(part, torch.float32)
        if dtype == torch.float32 or not self.noise:
            return rows
        noise = torch.randn(rows.shape, generator=torch.Generator().manual_seed(0))
        return rows + self.noise * rows.norm(dim=1, keepdim=True) / noise.norm(dim=1, keepdim=True) * noise


@pytest.mark.parametrize(("noise", "precision"), [(0.0, "bfloat16"), (0.02, "bfloat16"), (0.1, "float32")])
def test_auto_is_half_precision_where_the_features_agree(fast_bfloat16, noise, precision):
    """Noise of a share s leaves a cosine of about 1 - s² / 2: 0.9998 and 0.995."""
    shaky = type("Noisy", (Shaky,), {"noise": noise})(SMALL, "auto", "cpu")
    assert shaky.precision_name == precision
    computed = shaky(images(3))
    assert computed.precision == precision
    if precision == "float32":
        assert computed.agreement is None
    else:
        assert computed.agreement == pytest.approx(1 - noise**2 / 2, abs=1e-4)


def test_auto_is_float32_on_a_processor_that_is_not_fast_at_less(monkeypatch):
    monkeypatch.setattr("networks.devices._cpu_flags", lambda: {"avx2"})
    assert Embedder(SMALL, "auto", "cpu").precision_name == "float32"


def test_bfloat16_asked_for():
    exact = Embedder(SMALL, "float32", "cpu")(images(3))
    half = Embedder(SMALL, "bfloat16", "cpu")(images(3))
    assert half.precision == "bfloat16"
    cosines = [
        a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        for a, b in zip(exact.features, half.features, strict=True)
    ]
    assert half.agreement == pytest.approx(min(cosines), abs=1e-4)
    assert not np.array_equal(exact.features, half.features)
    np.testing.assert_allclose(half.features, exact.features, atol=0.03 * exact.features.max())


def test_half_precision_asked_for_that_does_not_agree_is_said():
    shaky = type("Noisy", (Shaky,), {"noise": 0.2})(SMALL, "bfloat16", "cpu")
    with pytest.warns(UserWarning, match="squeezenet1_1: features of some images in bfloat16 agree with"):
        computed = shaky(images(3))
    assert computed.agreement == pytest.approx(0.98, abs=2e-3)
    assert shaky(images(3)).agreement == computed.agreement  # said once


def test_features_that_are_all_zero_agree():
    dark = Embedder(Source("squeezenet1_1", "random", "x", "none", 32, mean=(0, 0, 0)), "bfloat16", "cpu")
    assert dark([np.zeros((5, 5))]).agreement == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_a_device_that_is_not_there(device):
    with pytest.raises(NetworkError) as caught:
        Embedder(SMALL, "auto", device)
    reason = "torch finds no CUDA device (device: cpu, or auto, needs none)."
    assert str(caught.value) == f"the device {device} is asked for, and {reason}"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            Source("inception_v3", "random", size=74),
            "inception_v3 takes images of 75 pixels or more; size is",
        ),
        (Source("xception", "random", size=32), "xception takes images of 71 pixels or more; size is 32."),
        (Source("vit_b_32", "random", size=250), "vit_b_32 cannot be built for images of 250 pixels"),
        (
            Source("maxvit_t", "random", size=256),
            "maxvit_t cannot take images of 256 pixels; it was made for",
        ),
        (Source("resnet18", "absent.pth"), "resnet18: there is no file of weights absent.pth; looked beside"),
        (Source("mobilenet_v1"), "torchvision has no weights of mobilenet_v1; name a file of them"),
        (Source("resnet18", "random", "layr3"), "resnet18 has no layer 'layr3'. Did you mean 'layer3'?"),
    ],
    ids=lambda value: value.model if isinstance(value, Source) else "",
)
def test_what_cannot_be_is_said(source, message, capfd):
    with pytest.raises(NetworkError) as caught:
        Embedder(source, "float32", "cpu")
    assert message in str(caught.value)


def test_random_weights_hang_on_the_seed_alone():
    torch.manual_seed(5)
    state = torch.get_rng_state()
    first = Embedder(SMALL, "float32", "cpu")(images(2)).features
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(10)
    np.testing.assert_array_equal(Embedder(SMALL, "float32", "cpu")(images(2)).features, first)
    other = Embedder(Source("squeezenet1_1", "random", size=48, seed=1), "float32", "cpu")(images(2)).features
    assert np.abs(other - first).max() > 0.01


def weights_of(path, seed):
    with seeded(seed):
        torch.save(build("squeezenet1_1").state_dict(), path)
    return str(path)


def test_weights_of_a_file_are_those_that_were_drawn(tmp_path):
    state = torch.get_rng_state()
    file = weights_of(tmp_path / "w.pth", seed=0)
    ours = Embedder(Source("squeezenet1_1", file, size=48), "float32", "cpu")(images(2)).features
    np.testing.assert_array_equal(ours, Embedder(SMALL, "float32", "cpu")(images(2)).features)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_network_is_made_once_for_what_its_file_holds(tmp_path):
    source = Source("squeezenet1_1", weights_of(tmp_path / "w.pth", seed=0), size=48)
    options = ("float32", "cpu", None, False)
    first = embedder(source, *options)
    assert embedder(source, *options) is first
    weights_of(tmp_path / "w.pth", seed=1)
    second = embedder(source, *options)
    assert np.abs(second(images(1)).features - first(images(1)).features).max() > 0.01


def test_padding_of_tensorflow_changes_random_weights_too():
    ours = Embedder(Source("mobilenet_v1", "random", size=64, padding="tensorflow"), "float32", "cpu")
    plain = Embedder(Source("mobilenet_v1", "random", size=64), "float32", "cpu")
    assert ours.n_features == plain.n_features == 1024
    assert not np.allclose(ours(images(1)).features, plain(images(1)).features, rtol=1e-3, atol=0)
