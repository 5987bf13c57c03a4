"""Which names are CPython's, which are a user's own, and what the lists say of each."""

from __future__ import annotations

import re

import pytest

from weighbridge.weights.inspection import Verdict
from weighbridge.weights.pickle.allowlist import ALLOWED, SOURCES
from weighbridge.weights.pickle.checks import CHECKS
from weighbridge.weights.pickle.classes import is_listed_class, read_list
from weighbridge.weights.pickle.gadgets import gadget
from weighbridge.weights.pickle.policy import Level, rule_on
from weighbridge.weights.pickle.stdlib import is_stdlib


@pytest.mark.parametrize(
    ("module", "name"),
    [("code.model", "Net"), ("test.models.resnet", "Block"), ("trace.nets", "Encoder"),
     ("platform.layers", "Attention"), ("profile", "UserProfile"), ("code", "CodeModel"),
     ("test", "Net"), ("signal.filters", "LowPass"), ("types.model", "Config")],
)  # fmt: skip
def test_a_users_own_package_is_not_the_standard_library(module: str, name: str) -> None:
    ruling = rule_on(module, name)
    assert ruling.on_import() is Verdict.UNLISTED
    assert ruling.on_call((), construct=True)[0] is Verdict.UNLISTED
    assert gadget(module, name) == ""


@pytest.mark.parametrize(
    ("module", "name"),
    [("code", "InteractiveInterpreter"), ("code", "interact"), ("test.support", "run_in_subinterp"),
     ("test.support.script_helper", "assert_python_ok"), ("trace", "Trace"), ("profile", "run"),
     ("profile", "Profile"), ("test.test_os", "anything"), ("logging.config", "fileConfig"),
     ("os.path", "os"), ("multiprocessing.util", "spawnv_passfds"), ("unittest.mock", "Mock")],
)  # fmt: skip
def test_the_standard_library_stays_dangerous(module: str, name: str) -> None:
    assert rule_on(module, name).on_import() is Verdict.DANGEROUS


@pytest.mark.parametrize(
    ("module", "name"),
    [("mylib.code", "os"), ("mylib", "subprocess.Popen"), ("mylib.x", "_os"),
     ("psutil", "Popen"), ("mylib.io", "Unpickler"), ("code.model", "Net.__init__")],
)  # fmt: skip
def test_a_rung_is_dangerous_in_any_package(module: str, name: str) -> None:
    assert rule_on(module, name).on_import() is Verdict.DANGEROUS


def test_a_function_of_a_users_own_package_is_a_call_of_something_unlisted() -> None:
    assert rule_on("code.model", "build")\
        .on_call((), construct=False)[0] is Verdict.UNLISTED_CALL  # fmt: skip


def test_submodules_of_a_package_are_the_standard_librarys() -> None:
    assert is_stdlib("concurrent.futures.thread")
    assert is_stdlib("xml.dom.minidom")
    assert not is_stdlib("random.anything")
    assert not is_stdlib("torch.os")


def test_every_entry_has_a_source_and_a_check_that_exists() -> None:
    for dotted, (level, check, module) in ALLOWED.items():
        assert SOURCES[dotted]
        assert level > Level.NONE
        assert not check or check in CHECKS
        assert dotted.startswith(f"{module}.")


def test_no_listed_name_is_a_gadget_but_for_those_with_a_check() -> None:
    """What is on both lists is let through only under a condition on its arguments."""
    unchecked = {
        dotted for dotted, (level, check, module) in ALLOWED.items()
        if gadget(module, dotted[len(module) + 1 :]) and not check and level is Level.CALL
    }  # fmt: skip
    assert {d for d in unchecked if not d.startswith(("torch.jit._pickle.", "io.", "_io."))} == {
        "types.SimpleNamespace"
    }


@pytest.mark.parametrize("file", ["sklearn.txt", "torch.txt", "imblearn.txt"])
def test_class_lists_are_well_formed(file: str) -> None:
    listed = read_list(file)
    assert sum(map(len, listed.values())) >= 40
    for module, names in listed.items():
        assert re.fullmatch(r"[a-z_]\w*(\.\w+)+", module), module
        for name in names:
            assert name.isidentifier(), name
            assert not gadget(module, name), (module, name)


def test_classes_with_a_state_are_listed_and_others_are_not() -> None:
    assert is_listed_class("sklearn.linear_model._logistic", "LogisticRegression")
    assert is_listed_class("sklearn.linear_model.logistic", "LogisticRegression")  # before 0.22
    assert is_listed_class("sklearn.tree.tree", "DecisionTreeClassifier")
    assert is_listed_class("torch.nn.modules.rnn", "LSTM")
    assert is_listed_class("transformers.models.bert.modeling_bert", "BertModel")
    for module, name in (
        ("sklearn.datasets._base", "RemoteFileMetadata"), ("torch.fx.graph_module", "GraphModule"),
        ("torch.jit._script", "ScriptModule"), ("transformers.models.bert.modeling_bert", "os"),
        ("transformers.models.bert.tokenization_bert", "BertTokenizer"),
        ("transformers", "Trainer"), ("sklearn.linear_model._logistic", "os"), ("os", "PathLike"),
    ):  # fmt: skip
        assert not is_listed_class(module, name)


def test_a_listed_classes_constructor_is_still_a_call() -> None:
    ruling = rule_on("torch.nn.modules.linear", "Linear")
    assert ruling.on_call((), construct=True)[0] is Verdict.SAFE
    assert ruling.on_call((), construct=False)[0] is Verdict.UNLISTED
