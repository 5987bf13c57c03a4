"""The one form in which a seal carries what surrounds a Sigstore signature.

Nothing signs a bundle as a whole, and a transparency log's entry in it has much that no verifier
looks at: fields that it does not know, other spellings of base64, signatures of a checkpoint by
witnesses whom the trust root does not name. A seal therefore carries the fields that are verified
and nothing else, and is read only so. What the fields say is for
:mod:`weighbridge.signing.keyless`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, cast

from weighbridge.edge.json import load_json
from weighbridge.model.canonical import freeze, thaw
from weighbridge.model.errors import HostileInput
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.dsse import decode_base64, encode_base64

MAX_HASHES = 64  # a tree of 2**64 leaves is no deeper
_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,19})\Z")
_SIGNED_LINE = re.compile("\u2014 ([^ \n]+) ([A-Za-z0-9+/=]+)\\Z")  # C2SP signed-note
_ODD = "the seal's log entry is not in the form in which weighbridge writes it"
# kinds that sigstore-python makes of a DSSE envelope: by Rekor v1, which promises, and by v2
_WITH_PROMISE, _WITHOUT = ("dsse", "0.0.1"), ("hashedrekord", "0.0.2")


def plain_bundle(bundle: Bundle) -> Bundle:
    """A Sigstore bundle in the form of a seal: timestamps in normal form, checkpoints by the log.

    Raises:
        HostileInput: it has not one log entry, or a field of that is malformed.
        TimestampInvalid: a timestamp is.
    """
    from weighbridge.signing.timestamp_token import read_token

    stamps = tuple(read_token(stamp).normal_form for stamp in bundle.timestamps)
    entries = []
    for entry in bundle.log_entries:
        body: Any = thaw(entry)
        try:
            checkpoint = body["inclusionProof"]["checkpoint"]
            checkpoint["envelope"] = _by_the_log(checkpoint["envelope"])
            body["inclusionProof"].setdefault("hashes", [])  # protobuf's JSON leaves out what is
            body.setdefault("integratedTime", "0")  # empty or zero
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise HostileInput(_ODD) from error
        entries.append(cast(Mapping[str, Any], freeze(body)))
    made = dataclasses.replace(bundle, timestamps=stamps, log_entries=tuple(entries))
    check_log_entry(made)
    return made


def check_log_entry(bundle: Bundle) -> None:
    """Check the form of a Sigstore bundle's log entry.

    Raises:
        HostileInput: it has not exactly one entry of the form.
    """
    if len(bundle.log_entries) != 1:
        raise HostileInput("the seal does not carry exactly one log entry")
    try:
        _check(bundle.log_entries[0])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise HostileInput(_ODD) from error


def _check(entry: Mapping[str, Any]) -> None:
    kind = (entry["kindVersion"]["kind"], entry["kindVersion"]["version"])
    promised = kind == _WITH_PROMISE
    _require(promised or kind == _WITHOUT)
    proof, keys = entry["inclusionProof"], {
        "logIndex", "logId", "kindVersion", "integratedTime", "inclusionProof", "canonicalizedBody"
    }  # fmt: skip
    _require({*entry} == (keys | {"inclusionPromise"} if promised else keys))
    _require({*entry["logId"]} == {"keyId"} and {*entry["kindVersion"]} == {"kind", "version"})
    _require({*proof} == {"logIndex", "rootHash", "treeSize", "hashes", "checkpoint"})
    _require({*proof["checkpoint"]} == {"envelope"})
    _require(isinstance(proof["hashes"], list | tuple) and len(proof["hashes"]) <= MAX_HASHES)
    numbers = (entry["logIndex"], entry["integratedTime"], proof["logIndex"], proof["treeSize"])
    _require(all(isinstance(n, str) and _DECIMAL.match(n) for n in numbers))
    if promised:  # the promise signs the index and the time
        _require({*entry["inclusionPromise"]} == {"signedEntryTimestamp"})
        _require(entry["integratedTime"] != "0")
        _exact(entry["inclusionPromise"]["signedEntryTimestamp"])
    else:
        _require(entry["integratedTime"] == "0" and entry["logIndex"] == proof["logIndex"])
    for value in (entry["logId"]["keyId"], proof["rootHash"], *proof["hashes"]):
        _require(len(_exact(value)) == 32)
    body = load_json(_exact(entry["canonicalizedBody"]), source="the log entry's body")
    _require((body["kind"], body["apiVersion"]) == kind)
    envelope = proof["checkpoint"]["envelope"]
    _require(isinstance(envelope, str) and _by_the_log(envelope) == envelope)


def _by_the_log(checkpoint: str) -> str:
    """A checkpoint with the signature of the log that it names first, and no other."""
    text, separator, signatures = checkpoint.partition("\n\n")
    origin, size, *rest = text.split("\n")
    _require(bool(separator) and bool(rest) and bool(_DECIMAL.match(size)))
    found = []
    for line in signatures.split("\n"):
        match = _SIGNED_LINE.match(line)
        # Rekor v1 puts its tree's number behind its name: "rekor.sigstore.dev - 119305095991…"
        if match and match[1] == origin.partition(" - ")[0]:
            _exact(match[2])
            found.append(line)
    _require(len(found) == 1)
    return f"{text}\n\n{found[0]}\n"


def _exact(value: object) -> bytes:
    """Base64 in its standard spelling, padded."""
    data = decode_base64(value, "a field of the seal's log entry")
    _require(encode_base64(data) == value)
    return data


def _require(condition: bool) -> None:
    if not condition:
        raise HostileInput(_ODD)
