"""Sixty secrets planted in a model repository, among ten thousand strings that look like some."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import uuid
from pathlib import Path

import pytest
from tests.unit.collect.secret_samples import HEX, Maker, in_words, keys, tokens

from weighbridge.collect.secrets import find_secrets
from weighbridge.model.canonical import thaw
from weighbridge.snapshot.take import take_snapshot

PLACES = ("train.py", "config.yaml", "run.ipynb source", "run.ipynb output", "README.md", ".env",
          "tokenizer.json", "model.safetensors", "notes.txt utf-16", "launch.sh")  # fmt: skip


class Repository:
    """A model's folder that is filled with secrets and decoys."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root, self.make = root, Maker(seed)
        self.lines: dict[str, list[str]] = {place: [] for place in PLACES}
        self.planted: list[tuple[str, str, str]] = []

    def plant(self) -> None:
        """Tokens, values among words, private keys: sixty or more."""
        for index, (rule, value) in enumerate(tokens(self.make)):
            place = PLACES[index % len(PLACES)]
            self.lines[place].append(f'value_{index} = "{value}"')
            self.planted.append((rule, place.split(" ")[0], value))
        for index, (rule, line, value) in enumerate(in_words(self.make)):
            place = ("train.py", "config.yaml", ".env", "run.ipynb output")[index % 4]
            self.lines[place].append(line)
            self.planted.append((rule, place.split(" ")[0], value))
        for index, (rule, value) in enumerate(keys(self.make)):
            (self.root / f"key{index}.pem").write_text(value)
            self.planted.append((rule, f"key{index}.pem", value.split("\n")[1]))

    def write(self) -> None:
        """Put each place's lines where they belong."""
        for name in ("train.py", "config.yaml", "README.md", ".env", "launch.sh"):
            (self.root / name).write_text("\n".join(["# written by hand", *self.lines[name], ""]))
        text = "\n".join(self.lines["notes.txt utf-16"])
        (self.root / "notes.txt").write_bytes(text.encode("utf-16"))
        cell = {"cell_type": "code", "metadata": {}, "execution_count": 1,
                "source": [f"{line}\n" for line in self.lines["run.ipynb source"]],
                "outputs": [{"output_type": "stream", "name": "stdout", "text": [
                    f"\x1b[32m{line}\x1b[0m\n" for line in self.lines["run.ipynb output"]]},
                    {"output_type": "display_data", "metadata": {},
                     "data": {"image/png": self.make.base64(60_000)}}]}  # fmt: skip
        body = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
        (self.root / "run.ipynb").write_text(json.dumps(body))
        header = json.dumps({"__metadata__": {"note": "\n".join(self.lines["model.safetensors"])}})
        size = len(header).to_bytes(8, "little")
        (self.root / "model.safetensors").write_bytes(size + header.encode())

    def decoys(self) -> None:
        """Vocabulary, digests, pointers, random base 64, UUIDs, examples of the documentation."""
        chance = self.make.random
        vocab = {_piece(chance): i for i in range(8_000)}
        merges = [f"{_piece(chance)} {_piece(chance)}" for _ in range(2_000)]
        body = {"added_tokens": self.lines["tokenizer.json"], "model": {"vocab": vocab,
                "merges": merges}}  # fmt: skip
        (self.root / "tokenizer.json").write_text(json.dumps(body))
        (self.root / "vocab.json").write_text(json.dumps(vocab))
        (self.root / "merges.txt").write_text("\n".join(merges))
        for number in range(20):
            digest = hashlib.sha256(bytes([number])).hexdigest()
            (self.root / f"model-{number:05}-of-00020.bin").write_text(
                f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 1073741\n"
            )
        index = {f"layer.{i}.weight": f"model-{i:05}-of-00020.bin" for i in range(2_000)}
        (self.root / "model.safetensors.index.json").write_text(json.dumps({"weight_map": index}))
        lock = [f"    --hash=sha256:{self.make.of(HEX, 64)}" for _ in range(500)]
        (self.root / "requirements.lock").write_text("\n".join(lock))
        (self.root / "weights.py").write_text(
            f'BLOB = "{self.make.base64(30_000)}"\nSHA = "{self.make.of(HEX, 40)}"\n'
            f'secret_hash = "{self.make.of(HEX, 64)}"\napi_key_id = "{uuid.UUID(int=5**50)}"\n'
            f'commit = "{self.make.of(HEX, 40)}"  # of wandb\n'
            'password = os.environ["DB_PASSWORD"]\ntoken = getpass("password: ")\n'
        )
        example = "AKIA" + "IOSFODNN7" + "EXAMPLE"
        (self.root / "USAGE.md").write_text(
            f"aws_access_key_id = {example}\nHF_TOKEN=h" + f"f_{'x' * 34}\n"
            "api_key = 'your_token_here'\npassword: \"<PASSWORD>\"\nghp_" + f"{'a' * 36}\n"
            "OPENAI_API_KEY=sk-...\npostgres://user:password@localhost/x\nclient_secret: ${S}\n"
            f"npm_{self.make.of(HEX, 36)} has no right checksum\n"
            "eos_token: '<|endoftext|>', pad_token: \"<pad_token_id_12345>\"\n"
        )
        rows = [json.dumps({"id": self.make.of(HEX, 32), "text": f"password: {self.make.word(20)}"})
                for _ in range(300)]  # fmt: skip
        (self.root / "train.jsonl").write_text("\n".join(rows))


def _piece(chance: random.Random) -> str:
    raw = base64.urlsafe_b64encode(chance.randbytes(chance.randrange(2, 23))).decode()
    return chance.choice(("Ġ", "sk-", "hf_", "", "AK", "##", "gh")) + raw.rstrip("=")


@pytest.fixture(params=[1, 20261121, 77])
def repository(request, tmp_path) -> Repository:
    made = Repository(tmp_path, request.param)
    made.plant()
    made.write()
    made.decoys()
    return made


def test_nearly_all_are_found_and_hardly_anything_else(repository) -> None:
    planted = repository.planted
    assert len(planted) >= 60
    assert len({value for _, _, value in planted}) == len(planted)
    evidence = [thaw(e.data) for e in find_secrets(take_snapshot(repository.root))]
    found = [f for f in evidence if f["part"] == "secret"]
    left = [(f["rule"], f["path"]) for f in found]
    missed = []
    for rule, path, _ in planted:
        if (rule, path) in left:
            left.remove((rule, path))
        else:
            missed.append((rule, path))
    assert len(missed) <= len(planted) * 5 // 100, missed
    assert len(left) <= 1, left
    assert next(f for f in evidence if f["part"] == "summary")["gaps"] == []


def test_no_value_is_in_the_evidence(repository) -> None:
    text = json.dumps([thaw(e.data) for e in find_secrets(take_snapshot(repository.root))])
    shown = [rule for rule, _, value in repository.planted if value[4:16] in text]
    assert not shown
