# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Attacks made only of names that are on the list: what is listed must not add up to more."""

from __future__ import annotations

import struct

import pytest
from tests.unit.weights import craft as c

from weighbridge.model.artifact import Kind
from weighbridge.weights.inspection import Verdict

D, F = Verdict.DANGEROUS, Verdict.UNLISTED_CALL
P2, P4 = b"\x80\x02", b"\x80\x04"
ORDERED = c.imp("collections", "OrderedDict")
NAMESPACE = c.imp("argparse", "Namespace") + b")\x81"
LINEAR = c.imp("torch.nn.modules.linear", "Linear") + b")\x81"
TEMPLATE = """
def _parse_args(self, a,  loc=0, scale=1):
    return (a, ), loc, scale

def _parse_args_rvs(self, a,  loc=0, scale=1, size=None):
    return self._argcheck_rvs(a,  loc, scale, size=size)

def _parse_args_stats(self, a,  loc=0, scale=1, moments='mv'):
    return (a, ), loc, scale, moments
"""
PADDING = b"".join(c.text(f"a{n}") + b"N" for n in range(40))


def big(value: int) -> bytes:
    return b"\x8a\x08" + struct.pack("<q", value)


# name -> (bytes, the name that must be found, its verdict)
ATTACKS: dict[str, tuple[bytes, str, Verdict]] = {
    "partial-of-a-gadget": (P2 + c.call(c.imp("functools", "partial"), c.imp("os", "system")) + b".",
                            "functools.partial", D),
    "partial-given-a-gadget-by-its-state": (
        P2 + c.call(c.imp("functools", "partial"), c.imp("builtins", "len"))
        + b"(" + c.imp("mylib", "run") + b"(t}}tb.", "functools.partial", F),
    "partial-of-a-listed-name-called": (
        P2 + c.call(c.call(c.imp("functools", "partial"), c.imp("builtins", "len")), c.text("x")) + b".",
        "<computed>", F),
    "partial-of-something-computed": (
        P2 + c.call(c.imp("functools", "partial"), ORDERED + b")R") + b".", "functools.partial", D),
    "getattr-on-a-listed-class": (
        P2 + c.call(c.imp("builtins", "getattr"), ORDERED, c.text("fromkeys")) + b".", "builtins.getattr", D),
    "getattr-on-an-instance": (
        P2 + c.call(c.imp("builtins", "getattr"), NAMESPACE, c.text("x")) + b".", "builtins.getattr", D),
    "getattr-with-a-dotted-name": (
        P2 + c.call(c.imp("builtins", "getattr"), c.imp("zoneinfo", "ZoneInfo"), c.text("_unpickle.__self__"))
        + b".", "builtins.getattr", D),
    "zone-elsewhere": (
        P4 + c.call(c.stack_imp("zoneinfo", "ZoneInfo._unpickle"), c.short("../../etc/passwd"), b"\x88")
        + b".", "zoneinfo.ZoneInfo._unpickle", D),
    "zone-elsewhere-by-getattr": (
        P2 + c.call(c.call(c.imp("builtins", "getattr"), c.imp("zoneinfo", "ZoneInfo"), c.text("_unpickle")),
                    c.text("/etc/passwd"), b"\x88") + b".", "zoneinfo.ZoneInfo._unpickle", D),
    "setstate-as-an-attribute": (
        P2 + NAMESPACE + b"}" + c.text("__setstate__") + c.imp("builtins", "len") + b"sb.", "__setstate__", F),
    "setstate-behind-forty-attributes": (
        P2 + LINEAR + b"}(" + PADDING + c.text("__setstate__") + c.imp("builtins", "len") + b"ub.",
        "__setstate__", F),
    "setstate-behind-forty-attributes-by-DICT": (
        LINEAR.replace(b")\x81", b"(NtR") + b"(" + PADDING + c.text("__class__") + ORDERED + b"db.",
        "__class__", F),
    "special-attribute-by-slots": (
        P2 + LINEAR + b"N}" + c.text("__class__") + ORDERED + b"s\x86b.", "__class__", F),
    "special-attribute-whose-name-is-computed": (
        P2 + NAMESPACE + b"}" + c.call(c.imp("builtins", "str"), c.blob(b"__class__"), c.text("ascii"))
        + b"Nsb.", "<computed>", F),
    "special-attribute-in-a-dict-that-is-old": (
        # The dict is thinned between two looks, 2 MiB of opcodes apart.
        P2 + LINEAR + b"}(" + c.text("__class__") + ORDERED + b"u" + b"((((N" + b"N0" * 1_400_000 + b"1111b.",
        "__class__", F),
    "state-set-twice": (P2 + NAMESPACE + b"}b}b.", "argparse.Namespace", F),
    "items-of-an-object-that-is-no-container": (
        P2 + LINEAR + c.text("k") + b"Ns.", "torch.nn.modules.linear.Linear", F),
    "elements-of-an-object-that-is-no-container": (
        P2 + NAMESPACE + b"Na.", "argparse.Namespace", F),
    "elements-of-a-dictionary": (P2 + ORDERED + b")R(NNe.", "collections.OrderedDict", F),
    "items-of-a-persistent-object": (P2 + b"NQ" + c.text("k") + b"Ns.", "<computed>", F),
    "attribute-of-a-bunch": (
        P2 + c.imp("sklearn.utils._bunch", "Bunch") + b")\x81(" + c.text("__setstate__")
        + c.imp("builtins", "len") + b"u.", "__setstate__", F),
    "reconstructor-with-a-calling-base": (
        b"ccopyreg\n_reconstructor\n(cargparse\nNamespace\nclightgbm.basic\nBooster\nS'file'\ntR.",
        "copyreg._reconstructor", F),
    "constructor-of-a-class-that-is-only-given-a-state": (
        P2 + c.call(c.imp("xgboost.core", "Booster"), b"N", b")", c.text("/etc/passwd")) + b".",
        "xgboost.core.Booster", F),
    "booster-with-a-pointer": (
        P2 + c.imp("xgboost.core", "Booster") + b")\x81}" + c.text("handle") + b"J\x41\x41\x41\x41sb.",
        "xgboost.core.Booster", F),
    "array-in-a-file-elsewhere": (
        P2 + c.imp("joblib.numpy_pickle_compat", "NDArrayWrapper") + b")\x81}" + c.text("filename")
        + c.text("../../../etc/shadow") + b"sb.", "joblib.numpy_pickle_compat.NDArrayWrapper", D),
    "rebuild-sets-a-special-attribute": (
        P2 + c.call(c.imp("torch._tensor", "_rebuild_from_type_v2"), c.imp("torch._utils", "_rebuild_parameter"),
                    c.imp("torch.nn.parameter", "Parameter"), b")", b"}" + c.text("__class__") + ORDERED + b"s")
        + b".", "torch._tensor._rebuild_from_type_v2", F),
    "parameter-with-a-special-attribute": (
        P2 + c.call(c.imp("torch._utils", "_rebuild_parameter_with_state"), b"N", b"\x88", ORDERED + b")R",
                    b"}" + c.text("__class__") + ORDERED + b"s") + b".",
        "torch._utils._rebuild_parameter_with_state", F),
    "rebuild-of-a-class-of-nobody": (
        P2 + c.call(c.imp("torch._utils", "_rebuild_wrapper_subclass"), c.imp("os", "PathLike")) + b".",
        "torch._utils._rebuild_wrapper_subclass", D),
    "storage-bytes-that-are-not-read": (
        P4 + c.call(c.imp("torch.storage", "_load_from_bytes"), c.blob(b"PK\x03\x04" + b"x" * 40)) + b".",
        "torch.storage._load_from_bytes", D),
    "storage-bytes-that-are-computed": (
        P4 + c.call(c.imp("torch.storage", "_load_from_bytes"), c.call(c.imp("builtins", "bytes"), b")")) + b".",
        "torch.storage._load_from_bytes", D),
    "storage-bytes-with-a-call": (
        P4 + c.call(c.imp("torch.storage", "_load_from_bytes"), c.blob(c.torch_legacy(
            P2 + c.call(c.imp("os", "system"), c.text(c.ECHO)) + b"."))) + b".", "os.system", D),
    "storage-bytes-with-a-call-in-the-second-pickle": (
        P4 + c.blob(P2 + b"N." + P2 + c.call(c.imp("os", "system"), c.text(c.ECHO)) + b".") + b".",
        "os.system", D),
    "bytes-bomb": (P2 + c.call(c.imp("builtins", "bytes"), big(10**10)) + b".", "builtins.bytes", F),
    "bytearray-bomb": (P2 + c.call(c.imp("builtins", "bytearray"), big(10**10)) + b".", "builtins.bytearray", F),
    "range-in-a-list": (
        P2 + c.call(c.imp("builtins", "list"), c.call(c.imp("builtins", "range"), b"J\xff\xff\xff\x00")) + b".",
        "builtins.list", F),
    "counter-of-a-range": (
        P2 + c.call(c.imp("collections", "Counter"), c.call(c.imp("builtins", "range"), b"K\x09")) + b".",
        "collections.Counter", F),
    "array-of-a-huge-shape": (
        P2 + c.call(c.imp("numpy.core.multiarray", "_reconstruct"), c.imp("numpy", "ndarray"), big(10**9) + big(10**9)
                    + b"\x86", c.text("b")) + b".", "numpy.core.multiarray._reconstruct", F),
    "tensor-of-a-huge-size": (P2 + c.call(c.imp("torch", "Tensor"), big(10**12)) + b".", "torch.Tensor", F),
    "number-of-many-digits": (
        P2 + c.call(c.imp("builtins", "int"), c.text("9" * 5000)) + b".", "builtins.int", F),
    "fraction-of-a-huge-exponent": (
        P2 + c.call(c.imp("fractions", "Fraction"), c.text("1e999999999")) + b".", "fractions.Fraction", F),
    "pattern-that-is-computed": (
        P2 + c.call(c.imp("re", "_compile"), c.call(c.imp("builtins", "str"), b"N"), b"K\x00") + b".",
        "re._compile", F),
    "ordered-dict-of-an-object": (
        P2 + c.call(ORDERED, NAMESPACE) + b".", "collections.OrderedDict", F),
    "numpy-load": (P2 + c.call(c.imp("numpy", "load"), c.text("x")) + b".", "numpy.load", D),
    "joblib-load": (P2 + c.call(c.imp("joblib", "load"), c.text("x")) + b".", "joblib.load", D),
    "distribution-that-runs-its-template": (
        # scipy: rv_generic.__setstate__ runs an argument parser built from text in the state.
        P2 + c.imp("scipy.stats._continuous_distns", "norm_gen") + b")\x81}b.",
        "scipy.stats._continuous_distns.norm_gen", D),
    "distribution-with-another-template": (
        P2 + c.imp("scipy.stats._continuous_distns", "norm_gen") + b")\x81}" + c.text("_parse_arg_template")
        + c.text("import os") + b"sb.", "scipy.stats._continuous_distns.norm_gen", D),
    "distribution-with-code-in-a-default": (
        P2 + c.imp("scipy.stats._continuous_distns", "norm_gen") + b")\x81}" + c.text("_parse_arg_template")
        + c.text(TEMPLATE.replace("loc=0", "loc=print()", 1)) + b"sb.",
        "scipy.stats._continuous_distns.norm_gen", D),
    "distribution-whose-template-comes-twice": (
        P2 + c.imp("scipy.stats._continuous_distns", "norm_gen") + b")\x81}(" + c.text("_parse_arg_template")
        + c.text(TEMPLATE) + PADDING + c.text("_parse_arg_template") + c.text("import os") + b"ub.",
        "scipy.stats._continuous_distns.norm_gen", D),
    "formula-of-statsmodels": (
        P2 + c.imp("statsmodels.base.data", "PandasData") + b")\x81}" + c.text("restore_design_info")
        + b"\x88sb.", "statsmodels.base.data.ModelData", D),
    "type-of-an-object": (P2 + c.call(c.imp("builtins", "type"), NAMESPACE) + b".", "builtins.type", D),
    "type-that-makes-a-class": (
        P2 + c.call(c.imp("builtins", "type"), c.text("X"), b")", b"}") + b".", "builtins.type", D),
    "function-transformer-of-a-gadget": (
        P2 + c.imp("sklearn.preprocessing._function_transformer", "FunctionTransformer") + b")\x81}"
        + c.text("func") + c.imp("os", "system") + b"sb.", "os.system", D),
    "defaultdict-factory": (
        P2 + c.call(c.imp("collections", "defaultdict"), c.imp("os", "getpid")) + b".", "os.getpid", D),
    "activation-called": (
        P2 + c.call(c.imp("torch.nn.functional", "relu"), b"N") + b".", "torch.nn.functional.relu", F),
}  # fmt: skip


@pytest.mark.parametrize(("data", "name", "verdict"), ATTACKS.values(), ids=ATTACKS)
def test_listed_names_do_not_add_up_to_an_attack(look, data: bytes, name: str, verdict) -> None:
    seen = look(data)
    assert (name, verdict) in {(o.name, o.verdict) for o in seen.operations}, seen.operations


@pytest.mark.parametrize(
    "data",
    [b"L" + b"9" * 5000 + b"L\n.", b"I" + b"1" * 5000 + b"\n."],
    ids=["LONG", "INT"],
)
def test_a_number_of_many_digits_is_reported(look, codes, data: bytes) -> None:
    assert "huge-number" in codes(look(data))


# What the same names do in files of the real libraries.
HARMLESS = {
    "partial": P2 + c.call(c.imp("functools", "partial"), c.imp("torch.nn.modules.normalization", "LayerNorm"))
    + b"(" + c.imp("torch.nn.modules.normalization", "LayerNorm") + b")}" + c.text("eps")
    + b"G\x3e\xb0\xc6\xf7\xa0\xb5\xed\x8dsNtb.",
    "zone": P4 + c.call(c.stack_imp("zoneinfo", "ZoneInfo._unpickle"), c.short("Europe/Berlin"), b"\x88") + b".",
    "zone-by-getattr": P2 + c.call(
        c.call(c.imp("builtins", "getattr"), c.imp("zoneinfo", "ZoneInfo"), c.text("_unpickle")),
        c.text("Europe/Berlin"), b"\x88") + b".",
    "storage-bytes": P4 + c.call(c.imp("torch.storage", "_load_from_bytes"), c.blob(c.torch_legacy())) + b".",
    "bytes-in-protocol-2": P2 + c.call(
        c.imp("builtins", "bytearray"), c.call(c.imp("_codecs", "encode"), c.text("abc"), c.text("latin1"))) + b".",
    "function-transformer": P2 + c.imp("sklearn.preprocessing._function_transformer", "FunctionTransformer")
    + b")\x81}" + c.text("func") + c.imp("numpy", "log1p") + b"sb.",
    "distribution": P2 + c.imp("scipy.stats._continuous_distns", "gamma_gen") + b")\x81}"
    + c.text("_parse_arg_template") + c.text(TEMPLATE) + b"sb.",
    "type-of-none": P2 + c.call(c.imp("builtins", "type"), b"N") + b".",
    "array-file": P2 + c.imp("joblib.numpy_pickle", "NDArrayWrapper") + b")\x81}" + c.text("filename")
    + c.text("model.pkl_01.npy") + b"sb.",
    "doc-as-an-attribute": P2 + NAMESPACE + b"}" + c.text("__doc__") + b"Nsb.",
    "dict-with-special-keys": P2 + b"}" + c.text("__init__") + b"K\x01s.",
    "counter-of-special-words": P2 + c.call(c.imp("collections", "Counter"), b"}" + c.text("__init__") + b"K\x01s")
    + b".",
    "ordered-dict-filled": P2 + ORDERED + b")R(" + c.text("__metadata__") + b"Nu.",
    "deque-filled": P2 + c.imp("collections", "deque") + b")R(NNe.",
}  # fmt: skip


@pytest.mark.parametrize("data", HARMLESS.values(), ids=HARMLESS)
def test_the_same_names_as_libraries_use_them(look, data: bytes) -> None:
    seen = look(data, Kind.PICKLE, "model.pkl")
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())
