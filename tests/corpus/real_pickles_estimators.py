"""Benign estimators of scikit-learn and of the libraries that follow its interface."""

from __future__ import annotations

import io
import pickle
import warnings
from collections.abc import Iterator
from typing import Any

Entry = tuple[str, str, bytes]


def _rows() -> tuple[Any, Any]:
    import numpy as np

    rows = np.abs(np.random.default_rng(7).normal(size=(60, 4)))
    return rows, (rows[:, 0] > rows[:, 1]).astype(int)


# Abstract, wanting other estimators, or slow to fit: some of them are in ``composed``.
_SKIPPED = {
    "ClassifierChain", "ColumnTransformer", "FeatureUnion", "GridSearchCV", "HalvingGridSearchCV",
    "HalvingRandomSearchCV", "MultiOutputClassifier", "MultiOutputRegressor", "OneVsOneClassifier",
    "OneVsRestClassifier", "OutputCodeClassifier", "Pipeline", "RandomizedSearchCV",
    "RegressorChain", "RFE", "RFECV", "SelectFromModel", "SequentialFeatureSelector",
    "SparseCoder", "StackingClassifier", "StackingRegressor", "VotingClassifier",
    "VotingRegressor", "FixedThresholdClassifier", "TunedThresholdClassifierCV",
    "SelfTrainingClassifier", "FrozenEstimator",
}  # fmt: skip


def families() -> Iterator[Entry]:
    """Every public estimator that fits plain rows, fitted."""
    from sklearn.utils import all_estimators

    rows, labels = _rows()
    for name, make in all_estimators():
        if name in _SKIPPED:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                fitted = make().fit(rows, labels)
            except (TypeError, ValueError, AttributeError, ImportError):
                fitted = make()
        module = make.__module__.split(".")[1]
        yield f"sklearn-{module}", f"{name}.pkl", pickle.dumps(fitted)


def composed() -> Iterator[Entry]:
    """Pipelines, searches, ensembles of estimators, kernels, text."""
    import joblib
    import numpy as np
    from scipy import stats
    from sklearn import (
        calibration,
        compose,
        datasets,
        ensemble,
        feature_extraction,
        feature_selection,
        gaussian_process,
        linear_model,
        metrics,
        model_selection,
        multiclass,
        multioutput,
        pipeline,
        preprocessing,
        svm,
        tree,
    )

    rows, labels = _rows()
    yield "sklearn-data", "iris.pkl", pickle.dumps(datasets.load_iris())
    yield (
        "sklearn-data",
        "folds.pkl",
        pickle.dumps(
            [
                model_selection.StratifiedKFold(3),
                model_selection.TimeSeriesSplit(),
                model_selection.cross_validate(
                    linear_model.Ridge(), rows, labels, return_estimator=True
                ),
            ]
        ),
    )
    kernels = gaussian_process.kernels
    logistic = linear_model.LogisticRegression()
    text = ["one two two", "three words here", "one more text", "and two more"]
    made: dict[str, Any] = {
        "pipeline": pipeline.make_pipeline(
            preprocessing.StandardScaler(), svm.SVC(probability=True)),
        "columns": compose.ColumnTransformer([
            ("n", preprocessing.StandardScaler(), [0, 1]),
            ("o", preprocessing.OneHotEncoder(handle_unknown="ignore"), [2]), ("d", "drop", [3])]),
        "selector": compose.make_column_transformer(
            (preprocessing.MinMaxScaler(), slice(0, 2)), remainder="passthrough"),
        "search": model_selection.GridSearchCV(logistic, {"C": [0.1, 1.0]}, cv=2),
        "random-search": model_selection.RandomizedSearchCV(
            tree.DecisionTreeClassifier(), {"max_depth": stats.randint(1, 4),
                                            "min_impurity_decrease": stats.uniform(0, 0.1)},
            n_iter=2, cv=2),
        "log-search": model_selection.RandomizedSearchCV(
            logistic, {"C": stats.loguniform(1e-3, 1e3)}, n_iter=2, cv=2),
        "scored-search": model_selection.GridSearchCV(
            logistic, {"C": [1.0]}, cv=2, refit="a",
            scoring={"a": "accuracy", "f": metrics.make_scorer(metrics.f1_score)}),
        "kernel": gaussian_process.GaussianProcessRegressor(
            kernels.ConstantKernel() * kernels.RBF() + kernels.WhiteKernel()
            + kernels.Matern() + kernels.RationalQuadratic() + kernels.DotProduct()),
        "kernel-classifier": gaussian_process.GaussianProcessClassifier(),
        "calibrated": calibration.CalibratedClassifierCV(linear_model.SGDClassifier(), cv=2),
        "isotonic": calibration.CalibratedClassifierCV(svm.LinearSVC(), cv=2, method="isotonic"),
        "voting": ensemble.VotingClassifier(
            [("l", logistic), ("t", tree.DecisionTreeClassifier())]),
        "stacking": ensemble.StackingClassifier([("l", logistic)], logistic, cv=2),
        "bagging": ensemble.BaggingClassifier(tree.DecisionTreeClassifier(), 3),
        "histogram": ensemble.HistGradientBoostingClassifier(max_iter=3, early_stopping=True),
        "boosting": ensemble.GradientBoostingClassifier(n_estimators=3, init=logistic),
        "one-vs-rest": multiclass.OneVsRestClassifier(logistic),
        "chain": multioutput.ClassifierChain(logistic),
        "function": pipeline.make_pipeline(preprocessing.FunctionTransformer(np.log1p), logistic),
        "select": feature_selection.SelectKBest(feature_selection.f_classif, k=2),
        "eliminate": feature_selection.RFE(logistic, n_features_to_select=2),
        "from-model": feature_selection.SelectFromModel(tree.ExtraTreeClassifier()),
    }  # fmt: skip
    for name, estimator in made.items():
        goal = np.c_[labels, labels] if name == "chain" else labels
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if goal.ndim == 2:
                goal[0, 1] = 1 - goal[0, 1]
            fitted = estimator.fit(rows, goal)
        for protocol in (0, 2, 4, 5):
            yield "sklearn-composed", f"{name}-p{protocol}.pkl", pickle.dumps(fitted, protocol)
        stream = io.BytesIO()
        joblib.dump(fitted, stream)
        yield "sklearn-composed", f"{name}.joblib", stream.getvalue()
    words = feature_extraction.text
    for name, vectorizer in {
        "counts": words.CountVectorizer(), "tfidf": words.TfidfVectorizer(ngram_range=(1, 2)),
        "hashing": words.HashingVectorizer(n_features=16),
        "classifier": pipeline.make_pipeline(words.TfidfVectorizer(stop_words="english"), logistic),
        "features": None,
    }.items():  # fmt: skip
        if vectorizer is None:
            vectorizer = feature_extraction.DictVectorizer().fit([{"a": 1}, {"b": 2}])
        else:
            vectorizer.fit(text, [0, 1, 0, 1])
        yield "sklearn-text", f"{name}.pkl", pickle.dumps(vectorizer)
        stream = io.BytesIO()
        joblib.dump(vectorizer, stream, compress=3)
        yield "sklearn-text", f"{name}.joblib", stream.getvalue()


def boosters() -> Iterator[Entry]:
    """xgboost and lightgbm: boosters and their scikit-learn wrappers."""
    import joblib
    import lightgbm
    import xgboost

    rows, labels = _rows()
    matrix = xgboost.DMatrix(rows, labels)
    quiet = {"verbose": -1, "min_data_in_leaf": 2, "num_threads": 1}
    made = {
        "xgboost-booster": xgboost.train({"nthread": 1}, matrix, 3),
        "xgboost-classifier": xgboost.XGBClassifier(n_estimators=3, n_jobs=1).fit(rows, labels),
        "xgboost-regressor": xgboost.XGBRegressor(
            n_estimators=3, n_jobs=1, early_stopping_rounds=2).fit(
                rows, labels, eval_set=[(rows, labels)], verbose=False),
        "xgboost-ranker": xgboost.XGBRanker(n_estimators=2, n_jobs=1).fit(
            rows, labels, qid=[0] * 30 + [1] * 30),
        "xgboost-unfitted": xgboost.XGBRFClassifier(),
        "lightgbm-booster": lightgbm.train(quiet, lightgbm.Dataset(rows, labels), 3),
        "lightgbm-classifier": lightgbm.LGBMClassifier(n_estimators=3, **quiet).fit(rows, labels),
        "lightgbm-regressor": lightgbm.LGBMRegressor(n_estimators=3, **quiet).fit(
            rows, labels, eval_set=[(rows, labels)]),
        "lightgbm-ranker": lightgbm.LGBMRanker(n_estimators=2, **quiet).fit(
            rows, labels, group=[30, 30]),
        "lightgbm-dataset-unfitted": lightgbm.LGBMModel(),
    }  # fmt: skip
    for name, model in made.items():
        for protocol in (2, 4, 5):
            yield name.split("-")[0], f"{name}-p{protocol}.pkl", pickle.dumps(model, protocol)
        stream = io.BytesIO()
        joblib.dump(model, stream)
        yield name.split("-")[0], f"{name}.joblib", stream.getvalue()


def imbalanced() -> Iterator[Entry]:
    """imbalanced-learn: samplers and a pipeline with one."""
    from imblearn import ensemble, over_sampling, pipeline, under_sampling
    from sklearn.linear_model import LogisticRegression

    rows, labels = _rows()
    made = {
        "smote": pipeline.make_pipeline(over_sampling.SMOTE(), LogisticRegression()),
        "forest": ensemble.BalancedRandomForestClassifier(3),
        "under": pipeline.make_pipeline(under_sampling.RandomUnderSampler(), LogisticRegression()),
    }
    for name, model in made.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(rows, labels)
        yield "imbalanced-learn", f"{name}.pkl", pickle.dumps(model)
