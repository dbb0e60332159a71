"""Heads, what is frozen and what is trained, and that a frozen part may as well be computed once."""

import re

import numpy as np
import pytest
import torch
from torch import nn

from classifiers.fine_tuned_cnn import FineTunedCNN
from feature_extractors.cnn import CNN
from networks.catalogue import build, parameter_count, seeded
from networks.errors import NetworkError
from networks.fine_tuning import Head, fine_tuned, freeze, new_head
from networks.head_specs import HEADS, head_spec
from networks.layer_table import layer_table
from networks.source import Source

SIZE = 32
pytestmark = pytest.mark.usefixtures("one_thread")


def write_weights(folder, model):
    """Weights of a network drawn from a seed, and statistics of normalisation that are not 0 and 1."""
    with seeded(11):
        network = build(model)
        state = network.state_dict()
        for name, tensor in state.items():
            if name.endswith("running_mean"):
                tensor.uniform_(-0.2, 0.2)
            elif name.endswith("running_var"):
                tensor.uniform_(0.5, 1.5)
    torch.save(state, folder / f"{model}.pth")
    return str(folder / f"{model}.pth")


@pytest.fixture(scope="module")
def weights_of(tmp_path_factory):
    folder, made = tmp_path_factory.mktemp("weights"), {}

    def weights(model):
        if model not in made:
            made[model] = write_weights(folder, model)
        return made[model]

    return weights


def images(rows=12, classes=2):
    """Noise, brighter in a band whose place is the class."""
    rng = np.random.default_rng(0)
    X = rng.random((rows, SIZE, SIZE))
    y = np.arange(rows) % classes
    for image, code in zip(X, y, strict=True):
        image[:, 8 * code : 8 * code + 8] += 1
    return X, y


def classifier(**parameters):
    defaults = {"model": "squeezenet1_1", "size": SIZE, "epochs": 2, "batch_size": 6, "precision": "float32"}
    return FineTunedCNN(**defaults | parameters)


# --- heads


def test_named_heads_are_those_of_the_papers():
    assert head_spec("linear") == ["global_average_pooling"]
    assert head_spec("vgg19_mobilenet") == ["flatten", 512, 256]
    assert head_spec("inception_xception") == [
        "global_average_pooling", "batch_norm", 128, {"dropout": 0.5}
    ]  # fmt: skip


@pytest.mark.parametrize(
    "spec",
    [
        ["flatten"],
        ["global_max_pooling", 7],
        ("flatten", {"dropout": 0}, "batch_norm", 3, 2, {"dropout": 0.9}),
    ],
)
def test_a_list_is_a_head(spec):
    assert head_spec(spec) == list(spec)


def test_a_named_head_cannot_be_spoilt():
    head_spec("linear").append(3)
    assert HEADS["linear"] == ["global_average_pooling"]


WRONG_HEADS = {
    "unknown name": (
        "lineer",
        "there is no head 'lineer'. Did you mean 'linear'? Heads: linear, vgg19_mobil",
    ),
    "unknown layer": (
        ["flaten", 3],
        "head has no layer 'flaten'. Did you mean 'flatten'? Layers: flatten, g",
    ),
    "empty": ([], "a head begins with one of flatten, global_average_pooling, global_max_pooling; got []."),
    "no pooling": ([512], "a head begins with one of flatten, global_average_pooling, global_max_pooling; g"),
    "dropout first": (
        [{"dropout": 0.5}],
        "a head begins with one of flatten, global_average_pooling, global",
    ),
    "pooling later": (["flatten", 3, "flatten"], "a head has one pooling, its first entry; got 'flatten' as"),
    "no units": (["flatten", 0], "head has no layer 0. Layers: flatten"),
    "units that are no number": (["flatten", True], "head has no layer True. Layers: flatten"),
    "a share of units": (["flatten", 2.5], "head has no layer 2.5. Layers: flatten"),
    "all dropped": (
        ["flatten", {"dropout": 1}],
        "the dropout of a head is a share from 0 to below 1; got 1.",
    ),
    "negative": (
        ["flatten", {"dropout": -0.1}],
        "the dropout of a head is a share from 0 to below 1; got -0",
    ),
    "dropout of words": (
        ["flatten", {"dropout": "half"}],
        "the dropout of a head is a share from 0 to below",
    ),
    "unknown option": (["flatten", {"drop": 0.5}], "head has no layer {'drop': 0.5}. Layers: flatten"),
    "nothing": (["flatten", None], "head has no layer None."),
    "a list": (["flatten", [3]], "head has no layer [3]."),
}


@pytest.mark.parametrize("case", WRONG_HEADS)
def test_wrong_heads_are_refused_by_name(case):
    spec, message = WRONG_HEADS[case]
    with pytest.raises(ValueError, match=re.escape(message)):
        head_spec(spec)
    with pytest.raises(ValueError, match=r"The 'head' parameter of FineTunedCNN: " + re.escape(message)):
        classifier(weights="random", head=spec).check_parameters()


@pytest.mark.parametrize(
    ("head", "n_inputs", "n_classes", "parameters"),
    [
        ("linear", 10, 2, 10 + 1),
        ("linear", 10, 3, 3 * (10 + 1)),
        ("vgg19_mobilenet", 100, 2, 512 * 101 + 256 * 513 + 257),
        ("vgg19_mobilenet", 100, 3, 512 * 101 + 256 * 513 + 3 * 257),
        ("inception_xception", 100, 2, 2 * 100 + 128 * 101 + 129),
        (["flatten", {"dropout": 0.2}, 4, "batch_norm"], 3, 4, 4 * 4 + 2 * 4 + 4 * 5),
    ],
)
def test_parameters_of_heads(head, n_inputs, n_classes, parameters):
    assert parameter_count(Head(head_spec(head), n_inputs, n_classes)) == parameters


def test_layers_of_a_head_come_in_order():
    head = Head(head_spec(["flatten", "batch_norm", 4, {"dropout": 0.25}]), 3, 3)
    kinds = [type(layer) for layer in head.layers]
    assert kinds == [nn.BatchNorm1d, nn.Linear, nn.ReLU, nn.Dropout, nn.Linear]
    assert head.layers[3].p == 0.25


def test_the_seed_alone_decides_a_head():
    torch.manual_seed(1)
    one = new_head(head_spec("linear"), 5, 2, seed=3)
    torch.rand(10)
    same, other = (new_head(head_spec("linear"), 5, 2, seed) for seed in (3, 4))
    assert torch.equal(one.layers[0].weight, same.layers[0].weight)
    assert not torch.equal(one.layers[0].weight, other.layers[0].weight)


# --- networks with a head


def network(weights, model="squeezenet1_1", head="linear", train="head", n_classes=2):
    source = Source(model=model, weights=weights, layer="spatial", pool="avg", size=SIZE)
    if head_spec(head)[0] == "flatten":
        source = Source(model=model, weights=weights, layer="spatial", pool="none", size=SIZE)
    return fine_tuned(source, head_spec(head), train, n_classes)


def test_the_head_of_vgg19_on_a_small_backbone(weights_of):
    """squeezenet1_1 makes 1×1 place of 512 channels of 32×32 pixels: two times 256, side by side."""
    rows = layer_table(
        network(weights_of("squeezenet1_1"), head="vgg19_mobilenet"), torch.zeros(1, 3, 32, 32)
    )
    dense = [row for row in rows if "(Linear)" in row["layer"]]
    backbone = [row for row in rows if row["layer"].startswith("backbone")]
    assert [row["output_shape"] for row in backbone[-3:]] == [[1, 1, 256]] * 3
    assert [row["parameters"] for row in dense] == [512 * 513, 256 * 513, 257]
    assert [row["output_shape"] for row in dense] == [[512], [256], [1]]
    assert [row["trainable"] for row in dense] == [row["parameters"] for row in dense]
    assert sum(row["trainable"] for row in backbone) == 0
    # all of squeezenet1_1 but its last convolution of 512 channels to 1,000 classes
    assert sum(row["parameters"] for row in backbone) == 1_235_496 - 513 * 1000


def test_frozen_convolutions_are_counted_apart(weights_of):
    """Of the last fire module of squeezenet1_1: 64 channels to 256 by 1×1 and to 256 by 3×3."""
    made = network(weights_of("squeezenet1_1"), train=2)
    names = [name for name, p in made.backbone.named_parameters() if p.requires_grad]
    assert names == [
        f"features.12.{layer}.{kind}" for layer in ("expand1x1", "expand3x3") for kind in ("weight", "bias")
    ]
    trained = 256 * 65 + 256 * (9 * 64 + 1) + 513
    assert parameter_count(made, trainable=True) == trained
    rows = layer_table(made, torch.zeros(1, 3, 32, 32))
    assert sum(row["trainable"] for row in rows) == trained


class Transformer(nn.Module):
    """A token of its own before the images' values, then attention."""

    def __init__(self):
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 1, 4))
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)
        self.dense = nn.Linear(4, 2)

    def forward(self, x):
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1)
        return self.dense(self.attention(x, x, x)[0][:, 0])


def test_the_table_has_every_parameter():
    """Attention: 4 · 5 for each of query, key, value and output."""
    network = Transformer()
    network.token.requires_grad_(False)
    rows = layer_table(network, torch.zeros(1, 3, 4))
    assert [tuple(row.values()) for row in rows] == [
        ("attention (MultiheadAttention)", [4, 4], 80, 80),
        ("dense (Linear)", [2], 10, 10),
        ("token (Parameter)", [1, 1, 4], 4, 0),
    ]


def test_a_layer_that_computes_twice_counts_once():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3, 3)

        def forward(self, x):
            return self.layer(self.layer(x))

    assert [row["parameters"] for row in layer_table(Twice(), torch.zeros(1, 3))] == [12, 0]


@pytest.mark.parametrize(("train", "thawed"), [("head", 0), (1, 1), (2, 2), (4, 4), ("all", 4)])
def test_freezing_counts_layers_from_the_end(train, thawed):
    """Normalisation goes with the layer before it."""
    layers = [
        nn.Conv2d(1, 2, 1),
        nn.BatchNorm2d(2),
        nn.Conv2d(2, 2, 1),
        nn.Conv2d(2, 2, 1),
        nn.BatchNorm2d(2),
    ]
    backbone = nn.Sequential(*layers, nn.ReLU(), nn.Linear(2, 2))
    freeze(backbone, train)
    convolutions = [module for module in backbone if isinstance(module, nn.Conv2d | nn.Linear)]
    assert [m.weight.requires_grad for m in convolutions] == [False] * (4 - thawed) + [True] * thawed
    assert backbone[1].weight.requires_grad is backbone[0].weight.requires_grad
    assert backbone[4].bias.requires_grad is backbone[3].bias.requires_grad


def test_more_layers_than_there_are_are_refused(weights_of):
    with pytest.raises(NetworkError, match=r"train: 26 asks for more layers than the network has \(25\)\."):
        network(weights_of("squeezenet1_1"), train=26)
    assert network(weights_of("squeezenet1_1"), train=25)
    X, y = images()
    with pytest.raises(ValueError, match="train: 99 asks for more layers"):
        classifier(weights=weights_of("squeezenet1_1"), train=99).fit(X, y)


def test_unknown_layers_and_networks_are_named(weights_of):
    X, y = images()
    file = weights_of("squeezenet1_1")
    with pytest.raises(ValueError, match=r"squeezenet1_1 has no layer 'feature'\. Did you mean 'features'\?"):
        classifier(weights=file, layer="feature").fit(X, y)
    with pytest.raises(
        ValueError, match=r"'model' parameter of FineTunedCNN: there is no network 'squeezenet11'"
    ):
        classifier(weights=file, model="squeezenet11").fit(X, y)
    with pytest.raises(ValueError, match=r"there is no file of weights nowhere\.pth; looked beside the grid"):
        classifier(weights="nowhere.pth").fit(X, y)
    with pytest.raises(ValueError, match="weights of another network"):
        classifier(weights=file, model="resnet18").fit(X, y)


def test_too_small_images_are_refused():
    X, y = images()
    with pytest.raises(NetworkError, match=r"squeezenet1_1 takes images of 17 pixels or more; size is 16\."):
        classifier(weights="random", size=16).fit(X, y)


def test_size_is_that_of_the_images_the_network_gets(weights_of):
    """Two times two strides and three poolings: 48 pixels leave 2×2 places, 64 leave 3×3."""
    X, y = images(4)
    for size, places in ((48, 2), (64, 3)):
        fitted = classifier(weights=weights_of("squeezenet1_1"), size=size, head=["flatten"], epochs=1).fit(
            X, y
        )
        assert fitted.layers_[-2]["output_shape"] == [places, places, 256]
        assert fitted.layers_[-1]["parameters"] == 512 * places**2 + 1


# --- what training changes


def changed(fitted, start):
    """Names of the parameters, and of the running statistics, that a training has changed."""
    before, parameters = start.state_dict(), dict(fitted.network_.named_parameters())
    names = [
        name for name, tensor in fitted.network_.state_dict().items() if not torch.equal(tensor, before[name])
    ]
    return {n for n in names if n in parameters}, {n for n in names if n not in parameters}


def last_layers(model, start, number):
    names = [name for name, _ in start.backbone.named_modules() if name]
    layers = [n for n in names if isinstance(start.backbone.get_submodule(n), nn.Conv2d | nn.Linear)]
    first = names.index(layers[-number])
    return tuple(f"backbone.{name}." for name in names[first:])


@pytest.mark.parametrize("train", ["head", 1, 3, "all"])
@pytest.mark.parametrize("model", ["squeezenet1_1", "resnet18"])
def test_exactly_what_was_asked_for_is_trained(model, train, weights_of):
    X, y = images(8)
    file = weights_of(model)
    fitted = classifier(model=model, weights=file, train=train, batch_size=4, optimizer="sgd").fit(X, y)
    start = network(file, model, train=train)
    parameters, statistics = changed(fitted, start)
    every = {name for name, _ in start.named_parameters()}
    expected = {name for name in every if name.startswith("head.")}
    if train == "all":
        expected = every
    elif train != "head":
        expected |= {name for name in every if name.startswith(last_layers(model, start, train))}
    assert parameters == expected
    assert statistics == set(), "batch normalisation keeps the statistics of its weights"
    assert fitted.n_parameters_trainable_ == sum(
        p.numel() for n, p in start.named_parameters() if n in expected
    )


def test_random_weights_are_trained_with_their_statistics():
    X, y = images(8)
    fitted = classifier(model="resnet18", weights="random", batch_size=4, optimizer="sgd").fit(X, y)
    start = network("random", "resnet18", train="all")
    parameters, statistics = changed(fitted, start)
    assert parameters == {name for name, _ in start.named_parameters()}
    assert statistics == set(start.state_dict()) - parameters


def test_the_head_s_own_normalisation_learns(weights_of):
    X, y = images(8)
    file = weights_of("squeezenet1_1")
    fitted = classifier(weights=file, head="inception_xception", batch_size=4).fit(X, y)
    _, statistics = changed(fitted, network(file, head="inception_xception"))
    assert statistics == {
        f"head.layers.0.{n}" for n in ("running_mean", "running_var", "num_batches_tracked")
    }


def test_what_is_frozen_drops_nothing_at_random(weights_of):
    """EfficientNet leaves out paths at random in training: not in its frozen part."""
    made = network(weights_of("efficientnet_b0"), "efficientnet_b0").train()
    pictures = torch.rand(2, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.manual_seed(0)
        one, other = made(pictures), made(pictures)
        assert torch.equal(one, other)
        assert torch.equal(one, made.eval()(pictures))


def test_what_is_trained_still_drops_at_random():
    made = network("random", "efficientnet_b0", train="all").train()
    pictures = torch.rand(2, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.manual_seed(0)
        assert not torch.equal(made(pictures), made(pictures))


# --- a frozen part computed once


@pytest.mark.parametrize("head", [*HEADS, ["global_max_pooling", 4]])
@pytest.mark.parametrize("classes", [2, 3])
def test_features_of_the_frozen_part_give_the_same(head, classes, weights_of):
    X, y = images(12, classes)
    model = classifier(weights=weights_of("squeezenet1_1"), head=head, epochs=3, learning_rate=0.01)
    name, parameters = model.frozen_features()
    features = CNN(**parameters).fit_transform(X)
    assert name == "cnn"
    assert features.dtype == np.float32
    of_images = model.fit(X, y)
    probabilities, losses = of_images.predict_proba(X), [row["train_loss"] for row in of_images.history_]
    of_features = classifier(**model.get_params()).fit(features, y)
    np.testing.assert_allclose(of_features.predict_proba(features), probabilities, rtol=0, atol=1e-5)
    np.testing.assert_allclose([row["train_loss"] for row in of_features.history_], losses, rtol=0, atol=1e-5)


def test_paths_left_out_at_random_make_no_difference(weights_of):
    X, y = images(8)
    model = classifier(model="efficientnet_b0", weights=weights_of("efficientnet_b0"), batch_size=4)
    features = CNN(**model.frozen_features()[1]).fit_transform(X)
    probabilities = model.fit(X, y).predict_proba(X)
    np.testing.assert_allclose(
        model.fit(features, y).predict_proba(features), probabilities, rtol=0, atol=1e-5
    )


@pytest.mark.parametrize(
    "changes", [{"weights": "random"}, {"train": 1}, {"train": "all"}, {"augment": ["horizontal_flip"]}]
)
def test_what_is_not_frozen_is_not_computed_once(changes, weights_of):
    model = classifier(weights=weights_of("squeezenet1_1"))
    assert model.frozen_features() is not None
    assert model.set_params(**changes).frozen_features() is None
