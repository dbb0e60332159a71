"""Training does what a bare PyTorch loop does, and an interrupted one goes on to the same bits."""

import io
import math
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from networks import checkpoints, training
from networks.augmentation import Augmentation
from networks.augmentation_steps import parse_augmentation
from networks.catalogue import InputFormat, seeded
from networks.errors import NetworkError
from networks.recipe import Recipe, Samples
from networks.training import predict, train

ROOT = Path(__file__).parents[2]
CPU = torch.device("cpu")
exact = partial(Recipe, half=False)
FORM = InputFormat(size=8, short_side=8, mean=(0.5, 0.4, 0.3), std=(0.5, 0.25, 0.2))
pytestmark = pytest.mark.usefixtures("one_thread")


def drawn(rows, seed=0, classes=2):
    """Six features of which the first two tell the classes apart."""
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(rows, 6, generator=generator)
    codes = torch.arange(rows) % classes
    inputs[:, 0] += codes
    inputs[:, 1] -= 2 * (codes == 2)
    return Samples(inputs, codes)


def pictures(rows, seed=0):
    """Gray pictures of 8×8, bright on the left or on the right."""
    inputs = 0.5 * torch.rand(rows, 1, 8, 8, generator=torch.Generator().manual_seed(seed))
    codes = torch.arange(rows) % 2
    for picture, code in zip(inputs, codes, strict=True):
        picture[0, :, 4 * code : 4 * code + 4] += 0.4
    return Samples(inputs, codes)


def dense(outputs=1, dropout=0.3):
    """A network with all that has a state: weights, running statistics, dropout."""
    with seeded(7):
        return nn.Sequential(
            nn.BatchNorm1d(6), nn.Linear(6, 8), nn.ReLU(), nn.Dropout(dropout), nn.Linear(8, outputs)
        )


def convolutional(dropout=0.2):
    with seeded(7):
        layers = nn.BatchNorm2d(3), nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Dropout(dropout)
        return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4 * 36, 1))


OPTIMIZERS = {
    "adam": (lambda p: torch.optim.Adam(p, lr=0.02, weight_decay=0.01), {"weight_decay": 0.01}),
    "adamw": (lambda p: torch.optim.AdamW(p, lr=0.02, weight_decay=0.01), {"weight_decay": 0.01}),
    "rmsprop": (lambda p: torch.optim.RMSprop(p, lr=0.02, momentum=0.5), {"momentum": 0.5}),
    "sgd": (lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9), {"momentum": 0.9}),
}


def bare_loop(network, samples, optimizer, loss_of, *, epochs, batch_size, seed, steps=None):
    """Train as a page of PyTorch would; return the loss and the accuracy of each epoch."""
    measures = []
    for epoch in range(epochs):
        generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
        order = torch.randperm(len(samples), generator=generator)
        torch.manual_seed(seed * 1_000_003 + epoch)
        network.train()
        losses, right, seen = 0.0, 0, 0
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            if len(rows) == 1:
                continue
            optimizer.zero_grad()
            scores = network(samples.inputs[rows])
            loss = loss_of(scores, samples.codes[rows])
            loss.backward()
            optimizer.step()
            said = scores[:, 0] > 0 if scores.shape[1] == 1 else scores.argmax(1)
            losses += loss.item() * len(rows)
            right += int((said.long() == samples.codes[rows]).sum())
            seen += len(rows)
        measures.append((losses / seen, right / seen))
    return measures


def binary(scores, codes):
    return binary_cross_entropy_with_logits(scores[:, 0], codes.float())


def assert_same_weights(one, other, **tolerance):
    tolerance = tolerance or {"rtol": 0, "atol": 0}
    for name, tensor in one.state_dict().items():
        torch.testing.assert_close(
            tensor, other.state_dict()[name], **tolerance, msg=lambda m, n=name: f"{n}: {m}"
        )


def measures_of(trained):
    """The history without durations, which differ from run to run."""
    return [{name: value for name, value in row.items() if name != "seconds"} for row in trained.history]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("outputs", [1, 3])
def test_equals_a_bare_loop(optimizer, outputs):
    """Binary cross-entropy of one output, cross-entropy of three; 21 samples in batches of 8."""
    samples = drawn(21, classes=max(outputs, 2))
    make, options = OPTIMIZERS[optimizer]
    by_hand = dense(outputs)
    loss_of = binary if outputs == 1 else cross_entropy
    with torch.random.fork_rng():
        expected = bare_loop(
            by_hand, samples, make(by_hand.parameters()), loss_of, epochs=3, batch_size=8, seed=5
        )
    recipe = exact(epochs=3, batch_size=8, optimizer=optimizer, learning_rate=0.02, seed=5, **options)
    trained = train(dense(outputs), samples, None, recipe, CPU)
    assert_same_weights(trained.network, by_hand, rtol=0, atol=1e-6)
    found = [(row["train_loss"], row["train_accuracy"]) for row in trained.history]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    assert [row["epoch"] for row in trained.history] == [1, 2, 3]
    assert {row["learning_rate"] for row in trained.history} == {0.02}


def test_pictures_are_normalised_as_the_network_wants():
    samples, network, by_hand = pictures(8), convolutional(0), convolutional(0)
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (FORM.mean, FORM.std))
    ready = Samples((samples.inputs - mean) / std, samples.codes)
    optimizer = torch.optim.SGD(by_hand.parameters(), lr=0.1)
    with torch.random.fork_rng():
        bare_loop(by_hand, ready, optimizer, binary, epochs=2, batch_size=4, seed=0)
    recipe = exact(epochs=2, batch_size=4, optimizer="sgd", momentum=0, learning_rate=0.1, form=FORM)
    assert_same_weights(train(network, samples, None, recipe, CPU).network, by_hand, rtol=0, atol=1e-6)


def test_validation_is_measured_in_evaluation_mode_after_each_epoch():
    samples, held_out = drawn(12), drawn(7, seed=1)
    recipe = exact(epochs=2, batch_size=4)
    trained = train(dense(), samples, held_out, recipe, CPU)
    with torch.inference_mode():
        scores = trained.network.eval()(held_out.inputs)
    assert trained.history[-1]["valid_loss"] == pytest.approx(binary(scores, held_out.codes).item(), rel=1e-6)
    right = ((scores[:, 0] > 0).long() == held_out.codes).double().mean().item()
    assert trained.history[-1]["valid_accuracy"] == pytest.approx(right)
    assert_same_weights(trained.network, train(dense(), samples, None, recipe, CPU).network)


def test_probabilities_are_the_sigmoid_of_one_output_and_the_softmax_of_three():
    inputs, recipe = drawn(5).inputs, exact(epochs=1, batch_size=4)
    for outputs in (1, 3):
        network = dense(outputs).eval()
        with torch.inference_mode():
            scores = network(inputs).double()
        second = torch.sigmoid(scores)
        expected = torch.cat([1 - second, second], 1) if outputs == 1 else scores.softmax(1)
        for batch_size in (2, 5):
            proba = predict(network, inputs, recipe, CPU, batch_size)
            np.testing.assert_allclose(proba, expected.numpy(), rtol=0, atol=1e-7)


class Recorder(nn.Module):
    """A linear network that notes how many, and which, rows it is given in training."""

    def __init__(self):
        super().__init__()
        with seeded(0):
            self.layer = nn.Linear(6, 1)
        self.batches = []

    def forward(self, inputs):
        if self.training:
            self.batches.append(inputs.detach().clone())
        return self.layer(inputs)


@pytest.mark.parametrize(
    ("rows", "steps", "sizes"),
    [
        (8, None, [4, 4]),
        (10, None, [4, 4, 2]),
        (9, None, [4, 4]),  # the last batch would be of one sample
        (1, None, [1]),
        (8, 1, [4]),
        (8, 5, [4, 4, 4, 4, 4]),
        (3, 2, [4, 4]),
    ],
)
def test_steps_of_an_epoch(rows, steps, sizes):
    network = Recorder()
    train(network, drawn(rows), None, exact(epochs=2, batch_size=4, steps=steps), CPU)
    assert [len(batch) for batch in network.batches] == sizes * 2


def test_an_epoch_takes_every_sample_once_in_an_order_of_its_own():
    network, samples = Recorder(), drawn(8)
    train(network, samples, None, exact(epochs=2, batch_size=4), CPU)
    first, second = torch.cat(network.batches[:2]), torch.cat(network.batches[2:])
    for seen in (first, second):
        assert sorted(seen[:, 0].tolist()) == sorted(samples.inputs[:, 0].tolist())
    assert not torch.equal(first, second)


RATES = {
    "constant": [0.8] * 6,
    "cosine": [0.8 * share for share in (1, 0.933012702, 0.75, 0.5, 0.25, 0.066987298)],
    "step": [0.8, 0.8, 0.08, 0.08, 0.008, 0.008],
}


@pytest.mark.parametrize("schedule", RATES)
def test_schedules(schedule):
    recipe = exact(epochs=6, batch_size=4, optimizer="sgd", momentum=0, learning_rate=0.8, schedule=schedule)
    trained = train(dense(), drawn(8), None, recipe, CPU)
    assert [row["learning_rate"] for row in trained.history] == pytest.approx(RATES[schedule])


def test_a_step_is_as_long_as_the_schedule_says():
    """One batch an epoch without momentum: each weight moves by rate × gradient."""
    samples = drawn(4)
    recipe = exact(3, 4, optimizer="sgd", momentum=0, learning_rate=0.9, schedule="step")
    by_hand = dense(dropout=0)
    for rate in (0.9, 0.09, 0.009):
        by_hand.zero_grad()
        binary(by_hand(samples.inputs), samples.codes).backward()
        with torch.no_grad():
            for parameter in by_hand.parameters():
                parameter -= rate * parameter.grad
    trained = train(dense(dropout=0), samples, None, recipe, CPU)
    assert_same_weights(trained.network, by_hand, rtol=0, atol=1e-6)


def test_class_weights_weigh_the_loss():
    """One batch: Σ w(y)·loss / Σ w(y)."""
    samples = drawn(6, classes=3)
    network = dense(3, dropout=0)
    with torch.no_grad():
        logs = network(samples.inputs).log_softmax(1)
    weights = (1.0, 5.0, 0.5)
    each = [-logs[row, code].item() * weights[code] for row, code in enumerate(samples.codes.tolist())]
    recipe = exact(epochs=1, batch_size=6, class_weights=weights)
    trained = train(dense(3, dropout=0), samples, None, recipe, CPU)
    assert trained.history[0]["train_loss"] == pytest.approx(sum(each) / (2 * sum(weights)), rel=1e-5)


EARLY = exact(epochs=40, batch_size=4, optimizer="sgd", learning_rate=0.5, patience=3)


def test_early_stopping_takes_the_best_epoch_and_waits_exactly_so_long():
    samples, held_out = drawn(16), drawn(9, seed=3)
    trained = train(dense(), samples, held_out, EARLY, CPU)
    losses = [row["valid_loss"] for row in trained.history]
    best = int(np.argmin(losses))
    assert 0 < len(losses) < 40, "it must stop before the end to show anything"
    assert len(losses) == best + 1 + 3
    exactly = train(dense(), samples, held_out, replace(EARLY, epochs=best + 1, patience=None), CPU)
    assert_same_weights(trained.network, exactly.network)
    assert exactly.history[-1]["valid_loss"] == min(losses)


def test_without_patience_the_last_weights_are_kept():
    samples, held_out = drawn(16), drawn(9, seed=3)
    recipe = replace(EARLY, epochs=8, patience=None)
    trained = train(dense(), samples, held_out, recipe, CPU)
    losses = [row["valid_loss"] for row in trained.history]
    assert losses[-1] > min(losses), "the last epoch must not be the best to show anything"
    with torch.inference_mode():
        after = binary(trained.network(held_out.inputs), held_out.codes).item()
    assert after == pytest.approx(losses[-1], rel=1e-6)


@pytest.mark.parametrize(
    ("changes", "scale", "epoch", "rate"),
    [
        ({"learning_rate": 1e30, "optimizer": "sgd"}, 1, 1, r"1e\+30"),
        ({"learning_rate": 1e30, "optimizer": "sgd", "batch_size": 8}, 1, 2, r"1e\+30"),
        ({}, math.inf, 1, "0.001"),
    ],
)
def test_a_loss_that_is_no_number_is_an_error(changes, scale, epoch, rate):
    samples = drawn(8)
    recipe = exact(**{"epochs": 3, "batch_size": 4} | changes)
    network = nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 1))
    with pytest.raises(NetworkError, match=rf"no longer a number in epoch {epoch}, at learning rate {rate};"):
        train(network, Samples(samples.inputs * scale, samples.codes), None, recipe, CPU)


class Huge(nn.Module):
    """Asks for more memory than any machine has, of the operating system itself."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(6, 1)

    def forward(self, inputs):
        return self.linear(inputs) + torch.empty(2**60)[:1]


def test_a_batch_that_does_not_fit_is_an_error_that_names_its_size():
    with pytest.raises(NetworkError, match=r"a batch of 4 does not fit into the memory of .*batch_size"):
        train(Huge(), drawn(8), None, exact(epochs=1, batch_size=4), CPU)


def test_other_errors_of_a_network_are_its_own():
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        train(nn.Linear(5, 1), drawn(8), None, exact(epochs=1, batch_size=4), CPU)


def test_a_validation_loss_that_is_no_number_is_an_error():
    """Not a best epoch: the first one leaves nothing but NaN here."""
    recipe = exact(epochs=1, batch_size=8, optimizer="sgd", learning_rate=1e38, patience=2)
    network = nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 1))
    with pytest.raises(NetworkError, match="no longer a number in epoch 1"):
        train(network, drawn(8), drawn(8, seed=1), recipe, CPU)


def test_global_randomness_is_untouched():
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    train(dense(), drawn(8), None, exact(epochs=2, batch_size=4), CPU)
    assert torch.equal(torch.rand(2), expected)


def test_another_seed_gives_another_network():
    recipe = exact(epochs=2, batch_size=4)
    trained = [train(dense(), drawn(8), None, replace(recipe, seed=seed), CPU) for seed in (0, 0, 1)]
    one, same, other = (each.network.state_dict() for each in trained)
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["1.weight"], other["1.weight"])


# --- interruptions


@pytest.fixture
def every_epoch(monkeypatch):
    """Write a checkpoint after every epoch, however little time an epoch takes."""
    monkeypatch.setattr(checkpoints, "SHARE_OF_TIME", math.inf)


AUGMENTATION = Augmentation(parse_augmentation(["horizontal_flip", {"gaussian_noise": {"scale": 0.1}}]))
PLAIN = exact(epochs=4, batch_size=8, learning_rate=0.01)
IMAGES = exact(epochs=4, batch_size=8, learning_rate=0.01, form=FORM, augmentation=AUGMENTATION)
TRAININGS = {
    "adam": (dense, drawn(16), None, PLAIN),
    "adamw": (dense, drawn(16), None, replace(PLAIN, optimizer="adamw", weight_decay=0.1)),
    "rmsprop": (dense, drawn(16), None, replace(PLAIN, optimizer="rmsprop", schedule="step")),
    "sgd": (dense, drawn(16), None, replace(PLAIN, optimizer="sgd", schedule="cosine")),
    "steps": (dense, drawn(5), None, replace(PLAIN, steps=2)),
    "early stopping": (dense, drawn(16), drawn(9, seed=3), replace(EARLY, batch_size=8, patience=2)),
    "augmentation": (convolutional, pictures(16), None, IMAGES),
    "all": (
        convolutional,
        pictures(16),
        pictures(9, seed=2),
        replace(IMAGES, patience=2),
    ),
}
"""Two batches an epoch, all of them."""


def interrupt(name, file, at, error=KeyboardInterrupt):
    """Train until the n-th training batch."""
    network, samples, held_out, recipe = TRAININGS[name]
    network, count = network(), iter(range(1, 1000))

    def stop(module, inputs):
        if module.training and next(count) == at:
            raise error

    network.register_forward_pre_hook(stop)
    with pytest.raises(error):
        train(network, samples, held_out, recipe, CPU, file)


def whole_training(name, file=None):
    network, samples, held_out, recipe = TRAININGS[name]
    return train(network(), samples, held_out, recipe, CPU, file)


def assert_same_training(one, other, name):
    _, samples, _, recipe = TRAININGS[name]
    assert_same_weights(one.network, other.network)
    assert measures_of(one) == measures_of(other)
    probabilities = [predict(t.network, samples.inputs, recipe, CPU, 8).tobytes() for t in (one, other)]
    assert probabilities[0] == probabilities[1]


def written(file):
    """The state that a checkpoint holds."""
    return torch.load(io.BytesIO(file.read_bytes()[checkpoints.DIGEST :]), weights_only=True)


def seconds(trained):
    return [row["seconds"] for row in trained.history]


@pytest.mark.parametrize("name", TRAININGS)
def test_gone_on_after_any_epoch_it_is_the_same(name, every_epoch, tmp_path):
    """Interrupted in each epoch after the first, in turn at its first and its second batch."""
    whole = whole_training(name)
    assert len(whole.history) > 2
    for done in range(1, len(whole.history)):
        file = tmp_path / "training.state"
        interrupt(name, file, at=2 * done + 1 + done % 2)
        state = written(file)
        assert [row["epoch"] for row in state["history"]] == [*range(1, done + 1)]
        resumed = whole_training(name, file)
        assert_same_training(resumed, whole, name)
        assert seconds(resumed)[:done] == [row["dur"] for row in state["history"]], "computed again"
        assert not list(tmp_path.iterdir())


def test_gone_on_after_many_interruptions(every_epoch, tmp_path):
    file = tmp_path / "training.state"
    for _ in range(3):
        interrupt("augmentation", file, at=4)  # after one more epoch each time
    assert len(written(file)["history"]) == 3
    assert_same_training(whole_training("augmentation", file), whole_training("augmentation"), "augmentation")


@pytest.mark.parametrize("batch", [1, 2, 7, 8])
@pytest.mark.parametrize("file", [None, "training.state"])
def test_an_interruption_is_not_taken_for_the_end(batch, file, tmp_path):
    """Neither in the first epoch nor in the last."""
    interrupt("adam", file and tmp_path / file, at=batch)


def test_the_state_survives_an_error(every_epoch, tmp_path):
    file = tmp_path / "training.state"
    interrupt("adam", file, at=6, error=OSError)
    assert len(written(file)["history"]) == 2
    assert_same_training(whole_training("adam", file), whole_training("adam"), "adam")


@pytest.mark.parametrize("name", ["adam", "early stopping"])
def test_after_the_last_checkpoint_nothing_is_trained(name, every_epoch, tmp_path, monkeypatch):
    """Interrupted between the last epoch and the end."""
    file = tmp_path / "training.state"

    def interrupt(net):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training._Net, "take_best", interrupt)
        with pytest.raises(KeyboardInterrupt):
            whole_training(name, file)
    state = written(file)
    assert state["stopped_early"] is (name == "early stopping")
    resumed = whole_training(name, file)
    assert_same_training(resumed, whole_training(name), name)
    assert seconds(resumed) == [row["dur"] for row in state["history"]]
    assert not file.exists()


KILLED = """
import math, os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_training as t
t.torch.set_num_threads(1)
t.checkpoints.SHARE_OF_TIME = math.inf
network, samples, held_out, recipe = t.TRAININGS["all"]
network, count = network(), iter(range(1, 1000))

def kill(module, inputs):
    if module.training and next(count) == 6:
        os.kill(os.getpid(), signal.SIGKILL)

network.register_forward_pre_hook(kill)
t.train(network, samples, held_out, recipe, t.CPU, Path(sys.argv[2]))
"""


def test_a_killed_process_is_gone_on_from(tmp_path):
    file = tmp_path / "training.state"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(Path(__file__).parent), str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    state = written(file)
    assert len(state["history"]) == 2
    resumed = whole_training("all", file)
    assert seconds(resumed)[:2] == [row["dur"] for row in state["history"]]
    assert_same_training(resumed, whole_training("all"), "all")


def truncated(content):
    return content[: len(content) // 2]


def flipped(content):
    changed = bytearray(content)
    changed[len(changed) // 2] ^= 1
    return bytes(changed)


DAMAGES = {
    "truncated": truncated,
    "one bit flipped": flipped,
    "empty": lambda content: b"",
    "a bit of the digest flipped": lambda content: bytes([content[0] ^ 1]) + content[1:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_is_not_used(damage, every_epoch, tmp_path):
    file = tmp_path / "training.state"
    interrupt("adam", file, at=6)
    before = [row["dur"] for row in written(file)["history"]]
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    trained = whole_training("adam", file)
    assert_same_training(trained, whole_training("adam"), "adam")
    assert seconds(trained)[:2] != before
    assert not file.exists()


def wider():
    with seeded(7):
        return nn.Sequential(nn.BatchNorm1d(6), nn.Linear(6, 9), nn.ReLU(), nn.Dropout(0.3), nn.Linear(9, 1))


def other_start():
    network = dense()
    with torch.no_grad():
        network[0].weight += 0.1
    return network


OTHERS = {
    "another network": {"network": wider},
    "other weights at the start": {"network": other_start},
    "other samples": {"samples": drawn(16, seed=9)},
    "other classes": {"samples": Samples(drawn(16).inputs, 1 - drawn(16).codes)},
    "validation": {"held_out": drawn(9, seed=3)},
    "another optimizer": {"recipe": replace(PLAIN, optimizer="sgd")},
    "another learning rate": {"recipe": replace(PLAIN, learning_rate=0.02)},
    "another seed": {"recipe": replace(PLAIN, seed=1)},
    "fewer epochs": {"recipe": replace(PLAIN, epochs=2, schedule="cosine")},
}


@pytest.mark.parametrize("other", OTHERS)
def test_the_checkpoint_of_another_training_is_not_used(other, every_epoch, tmp_path):
    """One file name for several folds, say: nothing may pass from one to the other."""
    file = tmp_path / "training.state"
    interrupt("adam", file, at=6)
    given = {"network": dense, "samples": drawn(16), "held_out": None, "recipe": PLAIN} | OTHERS[other]

    def trained(checkpoint):
        return train(
            given["network"](), given["samples"], given["held_out"], given["recipe"], CPU, checkpoint
        )

    found, expected = trained(file), trained(None)
    assert_same_weights(found.network, expected.network)
    assert measures_of(found) == measures_of(expected)
    assert not file.exists()


def test_a_checkpoint_makes_its_folder_and_changes_nothing(every_epoch, tmp_path):
    file = tmp_path / "not" / "there" / "yet.state"
    assert_same_training(whole_training("all", file), whole_training("all"), "all")
    assert not list(file.parent.iterdir())
