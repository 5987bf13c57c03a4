"""Shards, subsets, light command lines: one change of anything must be found, with its cause."""

from typing import Annotated

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from weighbridge.cli.light import Argument, option, parse
from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput, UsageError
from weighbridge.model.glob import matches
from weighbridge.signing import keys
from weighbridge.signing.compare import Cause
from weighbridge.signing.errors import MalformedManifest
from weighbridge.signing.oms import read_signature, sign_oms, verify_oms
from weighbridge.signing.resources import Resource, cut, join_shards
from weighbridge.snapshot.hashing import Shards
from weighbridge.testing.memory import snapshot_of

KEY = keys.generate_key()
TRUST = [keys.trusted_signer("team", keys.public_pem(KEY.public_key()).encode())]

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

names = st.text("ab:.-0", min_size=1, max_size=5).filter(lambda s: s not in (".", ".."))
models = st.dictionaries(names, st.binary(min_size=1, max_size=20), min_size=1, max_size=5)
sizes = st.integers(1, 25)
hashes = st.sampled_from(["sha256", "blake2b", "blake3"])


def _causes(verified):
    return {d.path: d.cause for d in verified.comparison.differences}


@quick
@given(models, sizes, hashes)
def test_what_was_signed_in_shards_verifies(files, size, hash_type):
    bundle = sign_oms(snapshot_of(files), KEY, hash_type=hash_type, shard_size=size)
    verified = verify_oms(bundle, snapshot_of(files), TRUST)
    assert verified.holds
    assert verified.comparison.covered == tuple(sorted(files))
    assert {f.path: f.size for f in verified.manifest.files()} == {
        name: len(content) for name, content in files.items()
    }


@quick
@given(models, sizes, st.data())
def test_one_mutation_of_a_sharded_model(files, size, data):
    bundle = sign_oms(snapshot_of(files), KEY, shard_size=size)
    path = data.draw(st.sampled_from(sorted(files)))
    content = bytearray(files[path])
    kind = data.draw(st.sampled_from(["flip", "cut", "append", "swap", "remove", "add", "rename"]))
    now, expected = dict(files), Cause.CHANGED
    if kind == "flip":
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        now[path] = bytes(content)
    elif kind == "cut":
        now[path] = bytes(content[:-1])
    elif kind == "append":
        now[path] = bytes(content) + data.draw(st.binary(min_size=1, max_size=5))
    elif kind == "swap":  # two shards of one file change places: the same digests, elsewhere
        assume(len(content) >= 2 * size and content[:size] != content[size : 2 * size])
        now[path] = bytes(content[size : 2 * size] + content[:size] + content[2 * size :])
    elif kind == "remove":
        del now[path]
        expected = Cause.MISSING
    elif kind == "add":
        path, expected = "new", Cause.ADDED
        now[path] = b"n" * 30
    else:
        now["new"] = now.pop(path)
        assume(list(files.values()).count(files[path]) == 1)
        expected = Cause.RENAMED
    verified = verify_oms(bundle, snapshot_of(now), TRUST)
    assert not verified.holds
    if expected is not Cause.RENAMED:  # in memory an added file's shards are not hashed
        assert _causes(verified) == {path: expected}


@quick
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=6), sizes)
def test_ranges_are_a_whole_file_or_malformed(ranges, size):
    listed = [Resource(f"w:{a}:{b}", Digest("sha256", "a" * 64)) for a, b in ranges]
    try:
        [file] = join_shards(listed, Shards("sha256", size))
    except MalformedManifest:
        return
    covered = sorted(byte for a, b in ranges for byte in range(a, b))
    assert covered == list(range(file.size))  # every byte in exactly one
    assert sorted(listed) == sorted(cut("w", file.size, file.shards, Shards("sha256", size)))


@quick
@given(models, models, st.sampled_from(["a*", "*", "b?", "**", "0"]))
def test_a_subset_says_all_and_only_what_the_whole_says_of_it(files, now, glob):
    bundle = sign_oms(snapshot_of(files), KEY)
    whole = verify_oms(bundle, snapshot_of(now), TRUST)

    def only(path):
        return matches(path, glob)

    seen = snapshot_of({k: v for k, v in now.items() if only(k)} or {"model.sig": b""})
    part = verify_oms(bundle, seen, TRUST, only=only)
    # what was renamed out of the subset, or into it, is missing or added as far as it can see
    expected = {p for p, c in _causes(whole).items() if only(p)}
    renamed = {d.other for d in whole.comparison.differences if d.other and only(d.other)}
    assert set(_causes(part)) | renamed >= expected
    assert set(_causes(part)) <= expected | renamed
    assert part.comparison.covered == tuple(p for p in whole.comparison.covered if only(p))
    assert set(part.comparison.unchecked) == {p for p in files if not only(p)}


@quick
@given(st.binary(max_size=60))
def test_any_bytes_as_a_signature(data):
    with pytest.raises(HostileInput):
        read_signature(data, legacy=True)


def _command(
    model: Annotated[str, Argument(help="")],
    key: Annotated[list[str] | None, option(help="")] = None,
    format_: Annotated[str, option("--format", "-f", help="")] = "text",
    offline: Annotated[bool, option("--offline", help="")] = False,
) -> None:
    """For the test."""
    raise UsageError(f"{model}{key}{format_}{offline}")


words = st.lists(
    st.sampled_from(
        ["m", "--key", "--key=a", "-f", "-fx", "-f=x", "--format", "--offline", "--offline=1", "--",
         "-", "", "--help", "--unknown", "x"]
    ),
    max_size=6,
)  # fmt: skip


@quick
@given(words)
def test_a_line_that_is_read_lightly_means_what_typer_reads(line):
    import typer

    from weighbridge.cli.light import typer_app

    values = parse(_command, line, prefix="NO_SUCH_PREFIX_")
    if values is None:
        return
    with pytest.raises(UsageError) as caught:
        _command(**values)
    command = typer.main.get_command(typer_app(_command))
    with pytest.raises(UsageError) as typers:
        command(line, standalone_mode=False)
    assert str(caught.value) == str(typers.value)
