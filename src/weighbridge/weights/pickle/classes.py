"""Classes of the known libraries whose instances may be made and given a state, without a call.

The lists are data beside this module (``class_lists/``), one file for a library, made from an
installed version of it: a class is on it where what making an instance and setting its state runs
(``__new__``, ``__setstate__``, ``__getattr__``, ``__setattr__``, ``__del__``) only sets attributes.
Their constructors (``__init__``) are not meant: those are calls.
"""

from __future__ import annotations

import functools
import re

_FILES = {
    "sklearn": "sklearn.txt", "torch": "torch.txt", "imblearn": "imblearn.txt",
    "scipy": "scipy.txt", "statsmodels": "statsmodels.txt", "matplotlib": "matplotlib.txt",
    "torchvision": "torchvision.txt", "timm": "timm.txt", "torchmetrics": "torchmetrics.txt",
    "lifelines": "lifelines.txt", "ngboost": "ngboost.txt", "pyod": "pyod.txt",
    "shap": "shap.txt", "slicer": "slicer.txt", "nltk": "nltk.txt", "hmmlearn": "hmmlearn.txt",
    "surprise": "surprise.txt", "implicit": "implicit.txt", "mlxtend": "mlxtend.txt",
    "feature_engine": "feature_engine.txt", "gymnasium": "gymnasium.txt", "gym": "gymnasium.txt",
    "stable_baselines3": "stable_baselines3.txt",
}  # fmt: skip
# What torch.jit.save calls a model's classes: their code lies in the same archive, where
# ``torchscript`` judges it (torch/csrc/jit/serialization/import.cpp). No package has that name.
_SCRIPTED = re.compile(r"__torch__(?:\.\w+)*\Z")
_NATIVE = "__torch__.torch.classes"

# Modules whose classes all are. transformers 5.23 (Apache-2.0) defines 9,051 classes in the modules
# of its models and their configurations, and in none of them a method named above.
_WHOLE = re.compile(
    r"transformers\.models(?:\.[a-z0-9_]+){1,2}\.(?:modeling|configuration)_[a-z0-9_]+\Z", re.A
)
# optax 0.2.8 (Apache-2.0): every class of such a name is a named tuple.
_OPTAX = re.compile(r"optax(?:\.\w+)+\Z", re.A)
_CLASS = re.compile(r"_?[A-Z]\w{0,100}\Z", re.A)

# Namespaces of torch's own classes in C++ (``torch::class_`` in aten/src/ATen and torch/csrc).
NATIVE_CLASSES = frozenset({
    "quantized", "sparse", "cuda", "rnn", "xnnpack", "mkldnn", "metal", "vulkan", "profiling",
    "c10d", "onednn",
})  # fmt: skip

_DISTRIBUTIONS = ("scipy.stats._continuous_distns", "scipy.stats._discrete_distns")
_DISTRIBUTION = re.compile(r"[a-z][a-z0-9_]{0,60}_gen\Z", re.A)

# Modules as scikit-learn called them before 0.22 and 0.24, where an underscore does not do it.
_RENAMED = {
    "sklearn.tree.tree": "sklearn.tree._classes",
    "sklearn.svm.classes": "sklearn.svm._classes",
    "sklearn.ensemble.gradient_boosting": "sklearn.ensemble._gb",
    "sklearn.cluster.k_means_": "sklearn.cluster._kmeans",
    "sklearn.cluster.hierarchical": "sklearn.cluster._agglomerative",
    "sklearn.neighbors.unsupervised": "sklearn.neighbors._unsupervised",
    "sklearn.decomposition.online_lda": "sklearn.decomposition._lda",
    "sklearn.feature_extraction.hashing": "sklearn.feature_extraction._hash",
    "sklearn.preprocessing.imputation": "sklearn.impute._base",
}


def is_listed_class(module: str, name: str) -> bool:
    """Whether instances of the class may be made and given a state."""
    library = module.partition(".")[0]
    if library in _FILES:
        listed = read_list(_FILES[library])
        return name in listed.get(module, ()) or name in listed.get(_new_name(module), ())
    if _SCRIPTED.match(module):
        return _is_scripted(module)
    if _OPTAX.match(module):
        return name.endswith("State") and _CLASS.match(name) is not None
    return _WHOLE.match(module) is not None and _CLASS.match(name) is not None


def _is_scripted(module: str) -> bool:
    """A class of the archive's own code, or one that torch itself has in C++."""
    if not f"{module}.".startswith(f"{_NATIVE}."):
        return True
    return module[len(_NATIVE) + 1 :].partition(".")[0] in NATIVE_CLASSES


def is_listed(module: str, name: str) -> bool:
    """Whether a pickle may make an instance of the class and give it a state."""
    from weighbridge.weights.pickle.policy import Level, rule_on

    return rule_on(module, name).level >= Level.CONSTRUCT


def is_distribution(module: str, name: str) -> bool:
    """Whether it is a distribution of SciPy. Setting its state runs text of the state as Python,
    so ``states`` looks at that text."""
    if module == "scipy.stats._distn_infrastructure":
        return name == "rv_sample"  # a distribution of values that are given one by one
    return module in _DISTRIBUTIONS and _DISTRIBUTION.match(name) is not None


def _new_name(module: str) -> str:
    """``sklearn.linear_model.logistic`` as ``sklearn.linear_model._logistic``."""
    if module in _RENAMED:
        return _RENAMED[module]
    package, dot, last = module.rpartition(".")
    return f"{package}{dot}_{last.rstrip('_')}"


@functools.cache
def read_list(file: str) -> dict[str, frozenset[str]]:
    """The classes of each module: lines ``module: Name Name``, going on in lines without a colon;
    lines that start with ``#`` say where the list is from."""
    found: dict[str, list[str]] = {}
    names: list[str] = []
    import importlib.resources  # late: it imports much that most pickles need not

    folder = importlib.resources.files(__package__).joinpath("class_lists")
    for line in folder.joinpath(file).read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        module, colon, rest = line.partition(":")
        if colon:
            names = found.setdefault(module, [])
        names += (rest if colon else line).split()
    return {module: frozenset(group) for module, group in found.items()}
