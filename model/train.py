"""Trains the flight-delay model and writes it as a pickle, with the facts for its card.

    python model/train.py --data DIR --output flight-delay.pkl [--card-facts FILE.json] [--fixture FILE.json]

DIR holds x_train.csv.gz (rows of 37 columns of 0 and 1, no header) and y_train.csv.gz (0 or 1 a row, no header):
arrivals and departures at Santiago de Chile in 2017, one-hot encoded. Needs scikit-learn only. The same data,
scikit-learn and machine give the same file.

The metrics are those of a model fitted on the training split, measured on the rows held out. The model that is written
is fitted afterwards on all rows with the same settings.
"""

import argparse
import hashlib
import json
import pickle
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

AIRLINES = [
    "Aerolineas Argentinas", "Aeromexico", "Air Canada", "Air France", "Alitalia", "American Airlines", "Austral",
    "Avianca", "British Airways", "Copa Air", "Delta Air", "Gol Trans", "Grupo LATAM", "Iberia", "JetSmart SPA",
    "K.L.M.", "Lacsa", "Latin American Wings", "Oceanair Linhas Aereas", "Plus Ultra Lineas Aereas", "Qantas Airways",
    "Sky Airline", "United Airlines",
]  # fmt: skip
GROUPS = [("OPERA", AIRLINES), ("TIPOVUELO", ["I", "N"]), ("MES", [str(month) for month in range(1, 13)])]
FEATURES = [f"{group}_{value}" for group, values in GROUPS for value in values]
SETTINGS = {"class_weight": "balanced", "max_iter": 1000}
HELD_OUT = 0.2
SEED = 0


def load(folder):
    x = np.loadtxt(folder / "x_train.csv.gz", delimiter=",", ndmin=2)
    y = np.loadtxt(folder / "y_train.csv.gz", delimiter=",").astype(np.int64)
    start = 0
    for group, values in GROUPS:
        if not (x[:, start : start + len(values)].sum(axis=1) == 1).all():
            raise SystemExit(f"every row should have exactly one 1 among the columns {group}_*")
        start += len(values)
    if x.shape != (len(y), len(FEATURES)) or not np.isin(x, (0, 1)).all() or not np.isin(y, (0, 1)).all():
        raise SystemExit(f"expected rows of {len(FEATURES)} columns of 0 and 1, and as many labels 0 or 1")
    return x, y


def fit(x, y):
    model = LogisticRegression(**SETTINGS).fit(x, y)
    if model.n_iter_.max() >= SETTINGS["max_iter"]:
        raise SystemExit("the solver did not converge")
    return model


def evaluate(model, x, y):
    label, probability = model.predict(x), model.predict_proba(x)[:, 1]
    return {
        "accuracy": metrics.accuracy_score(y, label),
        "balancedAccuracy": metrics.balanced_accuracy_score(y, label),
        "rocAuc": metrics.roc_auc_score(y, probability),
        "precision": metrics.precision_score(y, label),
        "recall": metrics.recall_score(y, label),
        "f1": metrics.f1_score(y, label),
        "logLoss": metrics.log_loss(y, probability),
        "brierScore": metrics.brier_score_loss(y, probability),
    }


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def all_inputs():
    """The 23 x 2 x 12 possible rows, the month changing fastest."""
    sizes = [len(values) for _, values in GROUPS]
    groups = [np.eye(size) for size in sizes]
    return np.array([np.concatenate([g[i] for g, i in zip(groups, index)]) for index in np.ndindex(*sizes)])


def card_facts(folder, x, y, train_rows, scores):
    return {
        "version": "1",
        "description": "Will a flight at Santiago de Chile (SCL) be delayed by more than 15 minutes? 1 = yes, 0 = no.",
        "featureNames": FEATURES,
        "intendedUse": "A worked example for serving, load tests and monitoring. Not for decisions about real flights.",
        "limitations": [
            "Knows the airline, domestic or international, and the month only, one-hot: 552 different inputs, of "
            "which the data have 283.",
            "One airport, one year (2017). The held-out rows are of the same year: expect less in a later one.",
            "Classes are weighted to balance: the probabilities are not calibrated and overstate the rate of delays.",
            "A row that is not one-hot gets a prediction too, without any meaning.",
        ],
        "training": {
            "library": "scikit-learn",
            "libraryVersion": sklearn.__version__,
            "estimator": "LogisticRegression",
            "parameters": SETTINGS,
            "script": "model/train.py",
            "data": {
                "source": "GitHub flakor/challeger-sre, folder datasets/",
                "licence": "none stated by the source",
                "rows": len(y),
                "positiveShare": round(float(y.mean()), 6),
                "distinctRows": len(np.unique(x, axis=0)),
                "files": [{"name": n, "sha256": sha256(folder / n)} for n in ("x_train.csv.gz", "y_train.csv.gz")],
            },
            "split": {"heldOutShare": HELD_OUT, "stratified": True, "seed": SEED, "trainRows": train_rows,
                      "heldOutRows": len(y) - train_rows},
            "metrics": {name: round(float(value), 6) for name, value in scores.items()},
            "metricsOf": "a model fitted on the training split, measured on the held-out rows; precision, recall and "
            "f1 are those of class 1",
            "fittedOn": "all rows",
        },
    }


def fixture(model):
    x = all_inputs()
    return {
        "description": "scikit-learn's answers for every possible input. Row (i * 2 + j) * 12 + k has its ones in the "
        "columns i, 23 + j and 25 + k, for i < 23, j < 2, k < 12. Probabilities are those of class 1, float64.",
        "sklearn": sklearn.__version__,
        "groups": [len(values) for _, values in GROUPS],
        "labels": model.predict(x).tolist(),
        "probabilities": model.predict_proba(x)[:, 1].tolist(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE.pkl")
    parser.add_argument("--card-facts", type=Path, metavar="FILE.json", help="default: beside the output")
    parser.add_argument("--fixture", type=Path, metavar="FILE.json")
    arguments = parser.parse_args()

    x, y = load(arguments.data)
    x_train, x_held_out, y_train, y_held_out = train_test_split(
        x, y, test_size=HELD_OUT, stratify=y, random_state=SEED
    )
    scores = evaluate(fit(x_train, y_train), x_held_out, y_held_out)
    model = fit(x, y)

    arguments.output.write_bytes(pickle.dumps(model))
    facts = arguments.card_facts or arguments.output.with_suffix(".facts.json")
    content = card_facts(arguments.data, x, y, len(y_train), scores)
    facts.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    if arguments.fixture:
        arguments.fixture.write_text(json.dumps(fixture(model)) + "\n")
    for name, value in scores.items():
        print(f"{name:17} {value:.4f}")


if __name__ == "__main__":
    main()
