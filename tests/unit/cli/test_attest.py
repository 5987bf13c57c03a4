"""``weighbridge attest`` as a user calls it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

WORDS = ("--name", "Ann Example", "--role", "Head of Data", "--statement", "Compared for groups.")
DAYS = ("--as-of", "2026-11-20", "--expires", "2027-11-20")
OUT = "a/bias.attestation.json"


@pytest.fixture
def model(call, tmp_path):
    """A model ``m`` with the key ``k.pem``."""
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "config.json").write_bytes(b"{}")
    (folder / "w.safetensors").write_bytes(b"weights")
    assert call("sign", "--generate-key", "k.pem")[0] == 0
    return folder


def make(call, *more, words=WORDS, days=DAYS, control="bias-testing", out=OUT, key="k.pem"):
    return call("attest", control, "m", *words, *days, "--key", key, "-o", out, *more)


def check(call, *more, file=OUT, as_of="2026-11-21", key="k.pem.pub"):
    return call("attest", "check", file, "m", "--key", key, "--as-of", as_of, *more)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"control": "bias-testin"}, "Did you mean 'bias-testing'"),
        ({"words": WORDS[2:]}, "--name is missing"),
        ({"words": (*WORDS[:4], "--statement", " \n")}, "--statement is missing or empty"),
        ({"words": (*WORDS[:4], "--statement", "a\x1b[2J")}, "control characters"),
        ({"words": ("--name", "Ann\nBob", *WORDS[2:])}, "line breaks"),
        ({"words": (*WORDS, "--email", "nobody")}, "name@domain"),
        ({"days": DAYS[:2]}, "--expires is missing"),
        ({"days": (*DAYS[:2], "--expires", "soon")}, "is not a date"),
        ({"days": (*DAYS[:2], "--expires", "2026-11-19")}, "lies before 2026-11-20"),
        ({"days": (*DAYS[:2], "--expires", "2027-12-26")}, "more than 400 days ahead"),
        ({"out": ""}, "--output is missing"),
        ({"out": "bias.json"}, "does not end in .attestation.json"),
        ({"out": "a/b/bias.attestation.json"}, "cannot be written"),
        ({"key": "gone.pem"}, "gone.pem"),
    ],
)
def test_what_cannot_be_attested_is_an_error(model, call, tmp_path, arguments, words) -> None:
    code, _, err = make(call, **arguments)
    assert code == 2
    assert words in err
    assert not list(tmp_path.glob("**/*.attestation.json"))


def test_evidence_must_be_there_and_each_name_once(model, call, tmp_path) -> None:
    (tmp_path / "x").mkdir()
    for path in ("r.pdf", "x/r.pdf"):
        (tmp_path / path).write_bytes(b"report")
    assert "no regular file" in make(call, "--evidence", "gone.pdf")[2]
    assert "no regular file" in make(call, "--evidence", "x")[2]
    assert "two evidence files" in make(call, "--evidence", "r.pdf", "--evidence", "x/r.pdf")[2]


def test_an_existing_file_is_kept_without_force(model, call) -> None:
    assert make(call)[0] == 0
    code, _, err = make(call)
    assert code == 2
    assert "already there" in err
    assert make(call, "--force")[0] == 0


def test_a_subject_with_what_cannot_be_read_is_not_attested_to(model, call) -> None:
    (model / "dangling").symlink_to("nowhere")
    code, _, err = make(call)
    assert code == 2
    assert "dangling" in err


def test_it_holds_until_its_last_day_and_for_this_model_alone(model, call) -> None:
    assert make(call)[0] == 0
    code, out, _ = check(call)
    assert code == 0
    assert "Attested by Ann Example (Head of Data) on 2026-11-20, until 2027-11-20." in out
    assert out.endswith("HOLDS as of 2026-11-21\n")
    assert check(call, as_of="2027-11-20")[0] == 0
    code, out, _ = check(call, as_of="2027-11-21")
    assert code == 1
    assert "it expired on 2027-11-20" in out
    (model / "w.safetensors").write_bytes(b"another")
    code, out, _ = check(call)
    assert code == 1
    assert "it was made for 'm'" in out
    assert out.endswith("DOES NOT HOLD as of 2026-11-21\n")


def test_another_key_does_not_vouch_for_it(model, call) -> None:
    make(call)
    call("sign", "--generate-key", "other.pem")
    code, out, _ = check(call, key="other.pem.pub")
    assert code == 1
    assert "no trusted key" in out


def test_nobody_to_trust_is_an_error(model, call) -> None:
    make(call)
    code, _, err = call("attest", "check", OUT, "m")
    assert code == 2
    assert "nobody is named to verify with" in err


def test_a_signature_of_the_model_is_no_attestation(model, call) -> None:
    call("sign", "m", "--key", "k.pem")
    code, _, err = check(call, file="m/model.sig")
    assert code == 2
    assert "is no attestation" in err


def test_inside_the_model_it_changes_nothing_for_itself_and_breaks_a_signature(model, call) -> None:
    inside = "m/attestations/bias.attestation.json"
    code, _, err = make(call, out=inside)
    assert (code, err) == (0, "")
    assert check(call, file=inside)[0] == 0
    assert call("sign", "m", "--key", "k.pem")[0] == 0
    assert check(call, file=inside)[0] == 0
    assert call("verify", "m", "--key", "k.pem.pub")[0] == 0
    _, _, err = make(call, out="m/attestations/2.attestation.json")
    assert "Sign the model again" in err
    assert call("verify", "m", "--key", "k.pem.pub")[0] == 1


def test_evidence_is_compared_where_it_lies_beside(model, call, tmp_path) -> None:
    (tmp_path / "r.pdf").write_bytes(b"report")
    assert make(call, "--evidence", "r.pdf")[0] == 0
    assert "not beside the attestation" in check(call)[1]
    (tmp_path / "a" / "r.pdf").write_bytes(b"report")
    assert "the one that was attested" in check(call)[1]
    (tmp_path / "a" / "r.pdf").write_bytes(b"another")
    code, out, _ = check(call)
    assert code == 1
    assert "NOT the one that was attested" in out


def test_a_policy_says_whom_to_trust_and_for_how_long(model, call, tmp_path) -> None:
    make(call)
    policy = tmp_path / "p.yaml"
    text = (
        'schema: 1\nid: p\nversion: "1"\nowner: me\n'
        "trust: [{name: gov, key_file: k.pem.pub, paths: [attestations/bias-testing]}]\n"
        "rules: {bias-testing: {params: {max_days: DAYS}}}\n"
    )
    policy.write_text(text.replace("DAYS", "400"))
    arguments = ("attest", "check", OUT, "m", "--trust", "p.yaml", "--as-of", "2026-11-21")
    code, out, err = call(*arguments)
    assert code == 0, out + err
    policy.write_text(text.replace("DAYS", "90"))
    code, out, _ = call(*arguments)
    assert code == 1
    assert "the policy takes 90" in out


def test_programs_read_json(model, call) -> None:
    made = json.loads(make(call, "--format", "json")[1])
    assert made["control"] == "bias-testing"
    checked = json.loads(check(call, "--format", "json")[1])
    assert checked["exit_code"] == 0
    assert checked["attestation"]["person"]["name"] == "Ann Example"
    assert checked["attestation"]["subject_digest"] == made["subject"]["digest"]
    controls = json.loads(call("attest", "list", "--format", "json")[1])["controls"]
    assert {"bias-testing", "kill-switch-rehearsed"} <= {c["control"] for c in controls}
    assert "bias-testing" in call("attest", "list")[1]


def test_the_policy_of_the_guide_loads(call, tmp_path) -> None:
    guide = (Path(__file__).parents[3] / "docs/how-to/attest.md").read_text()
    (policy,) = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    (tmp_path / "ours.yaml").write_text(policy)
    (tmp_path / "keys").mkdir()
    for name in ("release", "ann"):
        assert call("sign", "--generate-key", f"keys/{name}")[0] == 0
        (tmp_path / "keys" / f"{name}.pub").rename(tmp_path / "keys" / f"{name}.pem")
    code, out, err = call("policy", "check", "./ours.yaml")
    assert code == 0, err
    assert "2 signers, 0 waivers" in out
