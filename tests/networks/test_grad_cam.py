"""Heat maps of networks small enough to differentiate by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from classifiers.cov19net import COV19Net
from classifiers.fine_tuned_cnn import FineTunedCNN
from feature_extractors.cnn import CNN
from networks.catalogue import InputFormat
from networks.fine_tuning import Head
from networks.grad_cam import grad_cam

FORM = InputFormat(size=4, short_side=4, mean=(0.0,), std=(1.0,), channels=1)
PICTURE = torch.tensor(
    [[0.0, 0.2, 0.4, 1.0], [0.0, 0.0, 0.0, 0.6], [0.3, 0.0, 0.0, 0.0], [0.1, 0.5, 0.0, 0.0]]
)


class OneConvolution(nn.Module):
    """Two maps: x and 1 - x; scores by a weight for each map and place."""

    def __init__(self, weights):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 1)
        self.conv.weight.data = torch.tensor([1.0, -1.0]).view(2, 1, 1, 1)
        self.conv.bias.data = torch.tensor([0.0, 1.0])
        self.weights = nn.Parameter(torch.as_tensor(weights))

    def maps(self, images):
        return self.conv(images)

    def scores(self, maps):
        return torch.einsum("nchw,kchw->nk", maps, self.weights)


def heat(network, classes):
    pictures = PICTURE.expand(len(classes), 1, 4, 4)
    return grad_cam(network, pictures, torch.tensor(classes), FORM, torch.device("cpu"), batch_size=2)


def by_hand(a, b):
    """ReLU(a · x + b · (1 - x)) as shares of its sum."""
    x = PICTURE.numpy()
    weighted = np.maximum(a * x + b * (1 - x), 0)
    return weighted / weighted.sum()


def test_maps_are_weighted_by_their_mean_gradient_and_what_speaks_against_is_cut():
    weights = torch.zeros(3, 2, 4, 4)
    weights[0, 0, 0, 0], weights[0, 1, 3, 3] = 16.0, -8.0  # gradients 16 and -8 at one place: means 1, -0.5
    weights[1, 1] = 0.25
    weights[2] = -1.0
    maps = heat(OneConvolution(weights), [0, 1, 2])
    assert maps.shape == (3, 4, 4)
    assert maps.dtype == np.float32
    assert maps[0] == pytest.approx(by_hand(1, -0.5), abs=1e-6)
    assert maps[1] == pytest.approx(by_hand(0, 0.25), abs=1e-6)
    assert (maps[2] == 0).all()  # nothing speaks for the class: no made-up heat


def test_of_two_classes_with_one_score_the_first_has_its_negative():
    weights = torch.zeros(1, 2, 4, 4)
    weights[0, 0], weights[0, 1] = 1.0, -0.5
    maps = heat(OneConvolution(weights), [1, 0])
    assert maps[0] == pytest.approx(by_hand(1, -0.5), abs=1e-6)
    assert maps[1] == pytest.approx(by_hand(-1, 0.5), abs=1e-6)


def test_coarse_maps_are_brought_to_the_size_of_the_picture_bilinearly():
    class Coarse(OneConvolution):
        def maps(self, images):
            return nn.functional.avg_pool2d(super().maps(images), 2)

    maps = heat(Coarse(torch.tensor([1.0, 0.0]).view(1, 2, 1, 1).expand(1, 2, 2, 2)), [1])
    a, b = 0.05, 0.5  # means of the upper quarters; 0.225 and 0 below
    upper = np.array([a, 0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b, b])
    lower = np.array([0.225, 0.75 * 0.225, 0.25 * 0.225, 0])
    expected = np.stack([upper, 0.75 * upper + 0.25 * lower, 0.25 * upper + 0.75 * lower, lower])
    assert maps[0] == pytest.approx(expected / expected.sum(), abs=1e-6)


IMAGES = np.random.default_rng(0).random((8, 40, 40)).astype(np.float32)
LABELS = np.tile(["ill", "well"], 4)


def test_the_heat_of_cov19net_is_that_of_its_last_convolution():
    model = COV19Net(epochs=1, random_state=3).fit(IMAGES, LABELS)
    found = model.explain(IMAGES[:3], ["well", "ill", "well"])
    network, pictures = model.network_, model._inputs(IMAGES[:3]).expand(3, 3, 64, 64)
    maps = network.maps(pictures).detach().requires_grad_()
    (gradients,) = torch.autograd.grad(network.scores(maps).sum(), maps)
    signs = torch.tensor([1.0, -1.0, 1.0]).view(3, 1, 1, 1)
    weighted = torch.relu((signs * gradients.mean((2, 3), keepdim=True) * maps).sum(1, keepdim=True))
    expected = nn.functional.interpolate(weighted, (64, 64), mode="bilinear")[:, 0].detach().numpy()
    sums = expected.sum((1, 2), keepdims=True)
    assert (sums > 0).any()
    assert found == pytest.approx(np.divide(expected, sums, out=expected * 0, where=sums > 0), abs=1e-6)


def test_a_head_on_stored_features_is_explained_like_the_whole_network(tmp_path):
    weights = tmp_path / "weights.pth"
    torch.manual_seed(0)
    from networks.catalogue import build

    torch.save(build("squeezenet1_1").state_dict(), weights)
    model = FineTunedCNN("squeezenet1_1", str(weights), size=64, epochs=2, precision="float32")
    name, parameters = model.frozen_features()
    assert name == "cnn"
    features = CNN(**parameters).fit_transform(list(IMAGES))
    model.fit(features, LABELS)
    assert isinstance(model.network_, Head)
    maps = model.explain(IMAGES, LABELS)
    assert maps.shape == (8, 64, 64)
    # of global average pooling and one linear layer, the heat is its weights on the maps
    whole = model._whole()
    with torch.no_grad():
        outputs = whole.maps(torch.from_numpy(_normalized(model, IMAGES)))
        assert whole.scores(outputs).numpy() == pytest.approx(
            model.network_(torch.from_numpy(features)).numpy(), abs=1e-3
        )
        weight = model.network_.layers[0].weight.view(1, -1, 1, 1) * torch.tensor([-1.0, 1.0] * 4).view(
            8, 1, 1, 1
        )
        small = torch.relu((weight / 9 * outputs).sum(1, keepdim=True))
        large = nn.functional.interpolate(small, (64, 64), mode="bilinear")[:, 0].numpy()
    assert maps == pytest.approx(large / large.sum((1, 2), keepdims=True), abs=1e-5)


def _normalized(model, images):
    from networks.pictures import normalized

    return normalized(model._inputs(images), model._form()).numpy()


def test_what_cannot_be_explained_is_refused():
    model = COV19Net(epochs=1).fit(IMAGES, LABELS)
    with pytest.raises(ValueError, match="knows no class 'healthy'"):
        model.explain(IMAGES[:1], ["healthy"])
    with pytest.raises(ValueError, match="takes images, one array of shape"):
        model.explain(np.zeros((2, 5)), ["ill", "well"])
    flat = OneConvolution(torch.zeros(1, 2, 1, 1))
    flat.maps = lambda images: images.flatten(1)
    with pytest.raises(ValueError, match="a layer with places; the last one gives 16"):
        heat(flat, [0])
