"""How classifiers learned, as the report shows it: each number by hand."""

import csv
import io
import json
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from reports import build
from reports.learning import FoldCurve, learning_panels, mean_over_folds
from reports.learning_figures import learning_figure
from reports.learning_tables import rounds, rounds_frame, training_frame
from reports.run_directory import FORMAT
from suite import results

WHERE = "covid/kfold5"
KEY = f"{WHERE}/glcm/svm/"
EPOCHS = (3, 2, 4, 3, 3)  # of the five folds
LAYERS = [("conv2d_1 (Conv2D)", "62×62×32", 896, 896), ("batch <1>", "62×62×32", 128, 64)]


def history(key, lengths, measures):
    """Return losses 1 / epoch + fold / 10, accuracies 1 - loss / 10; losses of validation are 0.05 higher."""
    rows = []
    for fold, length in enumerate(lengths):
        for epoch in range(1, length + 1):
            loss = 1 / epoch + fold / 10
            values = {"train_loss": loss, "valid_loss": loss + 0.05, "train_accuracy": 1 - loss / 10}
            values |= {"valid_accuracy": 1 - (loss + 0.05) / 10, "seconds": 0.5}
            rows += [(key, 0, fold, epoch, name, values[name]) for name in measures]
    return pd.DataFrame(rows, columns=["key", "repeat", "fold", "epoch", "measure", "value"])


def add_training(run):
    """Add a network with validation, and seven cells that know their training loss alone."""
    path = run / "results" / "cells.parquet"
    cells = pd.read_parquet(path)
    others = [key for key in cells.loc[cells["key"].str.startswith(WHERE), "key"] if key != KEY][:7]
    with_all = ["train_loss", "valid_loss", "train_accuracy", "valid_accuracy", "seconds"]
    histories = [history(KEY, EPOCHS, with_all), *(history(key, [2] * 5, ["train_loss"]) for key in others)]
    pd.concat(histories).to_parquet(run / "results" / "histories.parquet")
    layers = [(KEY, position, *layer) for position, layer in enumerate(LAYERS)]
    layers += [(f"{WHERE}/lbp/svm/", position, *layer) for position, layer in enumerate(LAYERS[:1])]
    columns = ["key", "position", "layer", "output_shape", "parameters", "trainable"]
    pd.DataFrame(layers, columns=columns).to_parquet(run / "results" / "layers.parquet")
    is_network = cells["key"] == KEY
    told = {"n_parameters": 1024, "n_parameters_trainable": 960, "peak_memory": 50 * 2**20}
    cells.assign(
        **{name: pd.Series(is_network.map({True: n, False: None})) for name, n in told.items()}
    ).to_parquet(path)
    return run


@pytest.fixture(scope="module")
def learned(pristine, tmp_path_factory):
    """Return the folder of a report on classifiers that told how they learned, to be read only."""
    run = shutil.copytree(pristine, tmp_path_factory.mktemp("learned") / "run")
    return build(add_training(run)).parent


@pytest.fixture(scope="module")
def html(learned):
    return (learned / "index.html").read_text(encoding="utf-8")


def written(report, name):
    """Return a table's CSV, every value as text."""
    return list(csv.reader(io.StringIO((report / "tables" / f"{name}.csv").read_text(encoding="utf-8"))))


def tex_rows(report, name):
    """Return the lines of a LaTeX table, each a list of entries."""
    text = (report / "tables" / f"{name}.tex").read_text(encoding="utf-8")
    return [line.removesuffix(r" \\").split(" & ") for line in text.splitlines() if line.endswith(r"\\")]


@pytest.mark.parametrize(
    ("curves", "epochs", "values"),
    [
        ([([1, 2, 3], [0.9, 0.5, 0.1]), ([1, 2], [0.7, 0.6])], [1, 2], [0.8, 0.55]),
        ([([1, 2], [0.9, 0.5])], [1, 2], [0.9, 0.5]),
        (
            [([2, 4], [0.9, 0.5]), ([1, 2, 3, 4], [1, 0.7, 2, 0.1])],
            [2, 4],
            [0.8, 0.3],
        ),  # validated every other
        ([([1, 2], [0.9, np.nan]), ([1, 2], [0.7, 0.6])], [1, 2], [0.8, np.nan]),
        ([([1], [0.9]), ([2], [0.7])], [], []),
    ],
)
def test_the_mean_is_of_the_epochs_that_every_fold_reached(curves, epochs, values):
    mean = mean_over_folds([FoldCurve(np.array(x), np.array(y, dtype=float)) for x, y in curves])
    assert mean.epochs.tolist() == epochs
    assert mean.values.tolist() == pytest.approx(values, nan_ok=True)


def test_panels_hold_every_fold_and_the_mean_as_far_as_all_reach():
    frame = history(KEY, EPOCHS, ["train_loss", "valid_loss", "valid_accuracy", "seconds"])
    loss, accuracy = learning_panels(frame.sample(frac=1, random_state=0))  # in any order
    assert (loss.quantity, accuracy.quantity) == ("loss", "accuracy")
    assert [series.part for series in loss.series] == ["training", "validation"]
    assert [series.part for series in accuracy.series] == ["validation"]
    assert [fold.epochs.tolist() for fold in loss.series[0].folds] == [list(range(1, n + 1)) for n in EPOCHS]
    assert loss.series[0].folds[2].values.tolist() == pytest.approx([1.2, 0.7, 1 / 3 + 0.2, 0.45])
    assert loss.series[0].mean.epochs.tolist() == [1, 2]
    assert loss.series[0].mean.values.tolist() == pytest.approx([1.2, 0.7])
    assert loss.series[1].mean.values.tolist() == pytest.approx([1.25, 0.75])
    assert not loss.logarithmic


def test_a_loss_over_more_than_two_decades_is_drawn_on_a_logarithmic_scale():
    frame = history(KEY, [2, 2], ["train_loss", "train_accuracy"])
    values = frame["value"].where(frame["epoch"] == 1, frame["value"] / 1000)
    assert [panel.logarithmic for panel in learning_panels(frame.assign(value=values))] == [True, False]


def test_training_is_summarised_over_folds():
    cells = pd.DataFrame({"key": [KEY], "n_fits": [5]})
    (row,) = training_frame(cells, history(KEY, EPOCHS, ["train_loss", "seconds"])).to_dict("records")
    last = [1 / length + fold / 10 for fold, length in enumerate(EPOCHS)]
    assert (row["n_histories"], row["epochs_min"], row["epochs_max"], row["seconds"]) == (5, 2, 4, 0.5)
    assert row["train_loss"] == pytest.approx(np.mean(last))
    assert np.isnan(row["valid_loss"])


def test_the_same_curves_give_the_same_bytes_and_many_points_become_pixels():
    few = learning_panels(history(KEY, EPOCHS, ["train_loss", "valid_loss"]))
    assert learning_figure(few, "light", ["svg", "pdf"]) == learning_figure(few, "light", ["svg", "pdf"])
    assert b"<image" not in learning_figure(few, "dark", ["svg"])["svg"]
    many = learning_panels(history(KEY, [5000] * 5, ["train_loss"]))
    svg = learning_figure(many, "light", ["svg"])["svg"]
    assert b"<image" in svg
    assert len(svg) < 500_000


def test_a_run_without_histories_has_no_such_section(report):
    page = (report / "index.html").read_text(encoding="utf-8")
    assert "Learning curves" not in page
    assert "Layers" not in page
    assert "peak memory" not in page
    names = [path.name for folder in ("tables", "figures") for path in (report / folder).iterdir()]
    assert not [name for name in names if name.startswith(("learning", "rounds", "training", "layers"))]
    assert "Learning" not in (report / "report.tex").read_text(encoding="utf-8")


def test_the_page_shows_the_curves_and_says_what_is_left_out(html, learned):
    assert '<a href="#learning">Learning curves</a>' in html
    assert (
        "glcm + svm: 5 folds of 2 to 4 epochs; the mean ends with epoch 2, the last that every fold" in html
    )
    assert "Curves of 6 of 8 cells are drawn, those with validation curves first" in html
    figures = sorted(path.name for path in (learned / "figures").glob("learning_*.svg"))
    assert figures == [f"learning_chest-covid-kfold5_{position}.svg" for position in range(1, 7)]
    anchors = re.findall(r' id="([^"]+)"', html)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(anchors)
    assert all((learned / link).is_file() for link in re.findall(r'href="((?:figures|tables)/[^"]+)"', html))
    training = written(learned, "training_chest-covid-kfold5")
    assert len(training) == 1 + 8  # those not drawn stand in the table


def test_rounds_are_the_test_folds_with_average_worst_and_best(learned, pristine):
    metrics = pd.read_parquet(pristine / "results/metrics.parquet").query("key == @KEY and role == 'cell'")
    overall = metrics[metrics["class"].isna() & metrics["fold"].notna()]
    wide = overall.pivot(index="fold", columns="metric", values="value")[["log_loss", "accuracy"]]
    rows = tex_rows(learned, "rounds_chest-covid-kfold5_1")
    assert rows[0] == ["round", "Log loss", "Accuracy"]
    expected = [[str(fold + 1), f"{a:.3f}", f"{b:.3f}"] for fold, (a, b) in enumerate(wide.to_numpy())]
    assert rows[1:6] == expected
    mean, sd, low, high = (getattr(wide, name)().tolist() for name in ("mean", "std", "min", "max"))
    assert rows[7] == ["average", *(f"{m:.3f} $\\pm$ {s:.3f}" for m, s in zip(mean, sd, strict=True))]
    assert rows[8] == ["worst", f"{high[0]:.3f}", f"{low[1]:.3f}"]
    assert rows[9] == ["best", f"{low[0]:.3f}", f"{high[1]:.3f}"]
    head, *lines = written(learned, "rounds_chest-covid-kfold5_1")
    assert head == ["round", "repeat", "fold", "log_loss", "accuracy"]
    assert [[float(value) for value in line[3:]] for line in lines] == wide.to_numpy().tolist()


def test_rounds_say_which_metric_the_grid_lacks():
    metrics = pd.DataFrame(
        {"repeat": 0, "fold": [0, 1], "class": None, "metric": "accuracy", "value": [0.5, 0.9]}
    )
    listed = pd.DataFrame({"metric": ["accuracy"], "display": ["Accuracy"], "higher_is_better": [True]})
    table = rounds(rounds_frame(metrics), listed, name="rounds", of="a cell")
    assert table.columns == ("Accuracy",)
    assert [row.entries[0].line for row in table.rows if row.entries][2:] == [
        "0.700 ± 0.283",
        "0.500",
        "0.900",
    ]
    assert table.notes == ("The grid does not have the metric log_loss.",)


def test_layers_are_listed_with_their_total(learned):
    rows = tex_rows(learned, "layers_svm")
    assert rows[0] == ["layer", "output shape", "parameters", "trainable"]
    assert rows[1] == [r"conv2d\_1 (Conv2D)", r"62$\times$62$\times$32", "896", "896"]
    assert rows[2] == [r"batch \textless{}1\textgreater{}", r"62$\times$62$\times$32", "128", "64"]
    assert rows[4] == ["total", "", "1,024", "960"]
    assert written(learned, "layers_svm")[1] == ["conv2d_1 (Conv2D)", "62×62×32", "896", "896"]
    text = (learned / "tables/layers_svm.md").read_text(encoding="utf-8")
    assert "Of glcm + svm, covid · kfold5" in text
    assert "Other layers in 1 other cell, with 896 parameters in all;" in text


def test_costs_have_parameters_and_memory(learned):
    rows = {row[0]: row[1:] for row in tex_rows(learned, "times_chest-covid-kfold5")}
    columns = dict(zip(rows["extractor + classifier"], rows["glcm + svm"], strict=True))
    assert "1,024" in columns["parameters"]
    assert "960 trainable" in columns["parameters"]
    assert columns["peak memory, MiB"] == "50.0"
    assert rows["lbp + svm"][-2:] == ["--", "--"]


def test_all_curves_are_written_with_the_names_of_their_cells(learned):
    head, *rows = written(learned, "learning_curves")
    assert head[-5:] == ["repeat", "fold", "epoch", "measure", "value"]
    assert len(rows) == 5 * sum(EPOCHS) + 7 * 5 * 2
    mine = [row for row in rows if row[head.index("extractor")] == "glcm" and row[-2] == "valid_loss"]
    assert [float(row[-1]) for row in mine[:3]] == [1 / epoch + 0.05 for epoch in (1, 2, 3)]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_the_whole_report_compiles(learned, tmp_path):
    folder = shutil.copytree(learned, tmp_path / "report")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert "Learning curves, covid" in (folder / "report.tex").read_text(encoding="utf-8")


def test_a_run_directory_of_the_older_format_is_read_and_the_page_says_so(run_dir):
    environment = json.loads((run_dir / "environment.json").read_text())
    (run_dir / "environment.json").write_text(json.dumps(environment | {"format": 1}))
    for name in ("histories", "layers"):
        (run_dir / "results" / f"{name}.parquet").unlink()
    path = run_dir / "results" / "cells.parquet"
    counts = ["n_parameters", "n_parameters_trainable", "peak_memory"]
    pd.read_parquet(path).drop(columns=counts).to_parquet(path)
    text = build(run_dir, ["html"]).read_text(encoding="utf-8")
    assert "<b>Older run directory.</b> It is of format 1" in text
    assert "Learning curves" not in text


def test_a_run_directory_of_format_2_has_no_remarks_on_protocols(run_dir):
    environment = json.loads((run_dir / "environment.json").read_text())
    (run_dir / "environment.json").write_text(json.dumps(environment | {"format": 2}))
    for name in ("cells", "metrics"):
        path = run_dir / "results" / f"{name}.parquet"
        pd.read_parquet(path).drop(columns="protocol_remark").to_parquet(path)
    text = build(run_dir, ["html"]).read_text(encoding="utf-8")
    assert "Older run directory" not in text


def test_reports_read_the_format_that_runs_write():
    assert results.FORMAT == FORMAT
