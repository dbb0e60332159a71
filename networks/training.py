"""Training of a network on images that are in memory: skorch's loop, and what this project adds to it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from skorch import NeuralNetClassifier
from skorch.callbacks import Callback, PassthroughScoring
from skorch.helper import predefined_split
from torch import nn

from networks.checkpoints import Checkpoint, digest_of
from networks.devices import describe, fast_dtype, is_out_of_memory
from networks.errors import NetworkError
from networks.pictures import normalized
from networks.recipe import Batches, Recipe, Samples

__all__ = ["Trained", "predict", "train"]

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
    "sgd": torch.optim.SGD,
}


@dataclass(frozen=True, eq=False)
class Trained:
    """A network after training, on the CPU, and how it went: one record an epoch."""

    network: nn.Module
    history: list[dict[str, float]]


def train(
    network: nn.Module,
    training: Samples,
    validation: Samples | None,
    recipe: Recipe,
    device: torch.device,
    checkpoint: Path | None = None,
) -> Trained:
    """Train a network, in place.

    Parameters
    ----------
    network : Module
        Gives scores of shape (n, k), or (n, 1) for two classes.
    training, validation : Samples
    recipe : Recipe
    device : torch.device
    checkpoint : Path or None
        Where the state is kept after each epoch; one that is there is gone on from, and it is removed at the
        end. The result is the same as without interruption.

    Raises
    ------
    NetworkError
        When the loss is no longer a number: says in which epoch, and at what learning rate. When a batch does
        not fit into memory.
    """
    file = None
    if checkpoint is not None:
        file = Checkpoint(checkpoint, _identity(network, training, validation, recipe))
    net = _Net(recipe, _on(network, device), device, validation, file)
    net.initialize()
    done = file.restore(net) if file else 0
    with _own_randomness(device):
        if not net.stopped_early and done < recipe.epochs:
            samples = _moved(training, device)
            # Not by partial_fit, which takes Ctrl-C for the end of training.
            with suppress(_StoppedEarly), _memory_told(recipe, device):
                net.fit_loop(samples.inputs, samples.codes, epochs=recipe.epochs - done)
    net.take_best()
    if file:
        file.remove()
    return Trained(network.eval().cpu(), [_record(row) for row in net.history])


def predict(
    network: nn.Module, inputs: torch.Tensor, recipe: Recipe, device: torch.device, batch_size: int
) -> np.ndarray:
    """Return the probabilities of the classes, shape (n, k), float64."""
    network = _on(network, device).eval()
    with torch.inference_mode():
        rows = [
            torch.softmax(_scores(network, part.to(device), recipe, device).double(), dim=1).cpu()
            for part in inputs.split(batch_size)
        ]
    network.cpu()
    return torch.cat(rows).numpy()


def _identity(network: nn.Module, training: Samples, validation: Samples | None, recipe: Recipe) -> str:
    """Return what names a training: all that decides its result."""
    augmentation = getattr(recipe.augmentation, "steps", recipe.augmentation)
    tensors = list(network.state_dict().values())
    for samples in (training, validation) if validation else (training,):
        tensors += [samples.inputs, samples.codes]
    return digest_of(tensors, repr(replace(recipe, augmentation=None)), repr(augmentation))


def _on(network: nn.Module, device: torch.device) -> nn.Module:
    return network.to(device).to(memory_format=torch.channels_last)


def _own_randomness(device: torch.device) -> Any:
    return torch.random.fork_rng(devices=[device] if device.type == "cuda" else [])


@contextmanager
def _memory_told(recipe: Recipe, device: torch.device) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise NetworkError(
            f"a batch of {recipe.batch_size} does not fit into the memory of {describe(device)}; a smaller"
            " batch_size may help."
        ) from error


def _moved(samples: Samples, device: torch.device) -> Samples:
    """Keep the samples on the device if they take less than a quarter of what is free there."""
    if device.type != "cuda":
        return samples
    free, _ = torch.cuda.mem_get_info(device)
    if samples.inputs.nbytes > free / 4:
        return Samples(samples.inputs.pin_memory(), samples.codes)
    return Samples(samples.inputs.to(device), samples.codes.to(device))


def _scores(network: nn.Module, inputs: torch.Tensor, recipe: Recipe, device: torch.device) -> torch.Tensor:
    """Return scores of every class; the first of two has 0, so that softmax is the sigmoid of the other."""
    half = recipe.half and fast_dtype(device) == torch.bfloat16
    with torch.autocast(device.type, torch.bfloat16 if half else None, enabled=half):
        scores = network(inputs if recipe.form is None else normalized(inputs, recipe.form)).float()
    return torch.cat([torch.zeros_like(scores), scores], dim=1) if scores.shape[1] == 1 else scores


class _Net(NeuralNetClassifier):
    """skorch's network with our batches, precision, schedule and stops."""

    def __init__(
        self,
        recipe: Recipe,
        network: nn.Module,
        device: torch.device,
        validation: Samples | None,
        file: Checkpoint | None,
    ) -> None:
        self.recipe = recipe
        self.validation = validation
        self.file = file
        self.stopped_early = False
        self.best: dict[str, torch.Tensor] | None = None
        weights = recipe.class_weights
        momentum = {"momentum": recipe.momentum} if recipe.optimizer in ("sgd", "rmsprop") else {}
        super().__init__(
            network,
            criterion=nn.CrossEntropyLoss(weight=None if weights is None else torch.tensor(weights)),
            optimizer=OPTIMIZERS[recipe.optimizer],
            lr=recipe.learning_rate,
            optimizer__weight_decay=recipe.weight_decay,
            **{f"optimizer__{name}": value for name, value in momentum.items()},
            max_epochs=recipe.epochs,
            batch_size=recipe.batch_size,
            train_split=None if validation is None else self._split,
            callbacks=[
                ("train_accuracy", PassthroughScoring("train_accuracy", on_train=True)),
                ("valid_accuracy", PassthroughScoring("valid_accuracy")),
                ("keeper", _Keeper()),
            ],
            callbacks__valid_acc=None,
            callbacks__print_log=None,
            verbose=0,
            device=device,
        )

    def _split(self, dataset: Any, y: Any = None) -> tuple[Any, Any]:
        assert self.validation is not None
        valid = self.get_dataset(self.validation.inputs, self.validation.codes)
        return predefined_split(valid)(dataset)

    def get_iterator(self, dataset: Any, training: bool = False) -> Batches:
        """Return our batches; see skorch."""
        batches = Batches(dataset, self.recipe, torch.device(self.device), training)
        if training:
            self.batches = batches
        return batches

    def infer(self, x: torch.Tensor, **options: Any) -> torch.Tensor:
        """Return scores of every class; see skorch."""
        return _scores(self.module_, x, self.recipe, torch.device(self.device))

    def get_loss(self, y_pred: torch.Tensor, y_true: torch.Tensor, *args: Any, **options: Any) -> Any:
        """Note the share of right answers beside the loss; see skorch."""
        part = "train" if options.get("training") else "valid"
        right = (y_pred.detach().argmax(dim=1) == y_true).float().mean()
        self.history.record_batch(f"{part}_accuracy", right.item())
        return self.criterion_(y_pred, y_true)

    def trained_state(self) -> dict[str, torch.Tensor]:
        """Return copies of all that training changes: weights that are not frozen, and running statistics."""
        frozen = {name for name, p in self.module_.named_parameters() if not p.requires_grad}
        state = self.module_.state_dict()
        return {name: tensor.detach().clone() for name, tensor in state.items() if name not in frozen}

    def take_best(self) -> None:
        """Take the weights of the best epoch, if that was asked for."""
        if self.best is not None:
            self.module_.load_state_dict(self.best, strict=False)


class _StoppedEarly(Exception):  # noqa: N818
    """The end of a training whose validation loss no longer falls."""


class _Keeper(Callback):
    """What happens around an epoch: seed, learning rate, the best weights, the checkpoint, the stops."""

    def on_epoch_begin(self, net: _Net, **_: Any) -> None:
        epoch = len(net.history) - 1
        torch.manual_seed(net.recipe.seed_of(epoch))
        net.batches.epoch = epoch
        rate = net.recipe.rate(epoch)
        for group in net.optimizer_.param_groups:
            group["lr"] = rate
        net.history.record("learning_rate", rate)

    def on_batch_end(self, net: _Net, training: bool = False, **_: Any) -> None:
        row = net.history[-1]
        if not math.isfinite(row["batches"][-1]["train_loss" if training else "valid_loss"]):
            raise NetworkError(
                f"the loss is no longer a number in epoch {len(net.history)}, at learning rate"
                f" {row['learning_rate']:g}; a smaller learning_rate may help."
            )

    def on_epoch_end(self, net: _Net, **_: Any) -> None:
        patience = net.recipe.patience
        if patience is not None:
            losses = net.history[:, "valid_loss"]
            best = int(np.argmin(losses))
            if best == len(losses) - 1:
                net.best = net.trained_state()
            net.stopped_early = len(losses) - 1 - best >= patience
        net.history[-1]["batches"] = [{}]  # they are summed up; a long training would carry them all along
        if net.file is not None:
            net.file.save(net)
        if net.stopped_early:
            raise _StoppedEarly


MEASURES = {
    "train_loss": "train_loss",
    "valid_loss": "valid_loss",
    "train_accuracy": "train_accuracy",
    "valid_accuracy": "valid_accuracy",
    "dur": "seconds",
    "learning_rate": "learning_rate",
}


def _record(row: dict[str, Any]) -> dict[str, float]:
    found = {name: row[key] for key, name in MEASURES.items() if key in row}
    return {"epoch": int(row["epoch"]), **{name: float(value) for name, value in found.items()}}
