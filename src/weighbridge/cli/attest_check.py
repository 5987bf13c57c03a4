"""Whether an attestation holds: judged by the rule that an audit judges it by."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.model.controls import control as known_control
from weighbridge.model.errors import ExitCode, HostileInput, UsageError
from weighbridge.model.finding import Outcome

if TYPE_CHECKING:
    from weighbridge.cli.trust_options import Options, Trusted
    from weighbridge.model.digest import Digest
    from weighbridge.model.facts.attestation import AttestationFacts
    from weighbridge.model.finding import Conclusion
    from weighbridge.signing.verdict import SignatureVerdict

_CODES = {Outcome.PASS: ExitCode.HOLDS, Outcome.FAIL: ExitCode.VIOLATED}


@dataclass(frozen=True, slots=True)
class Checked:
    """An attestation's facts, and what its control's rule says of them on a day.

    ``subject_digest`` is that of the subject which was given, as attestations see it.
    """

    file: str
    as_of: dt.date
    facts: AttestationFacts
    verdict: SignatureVerdict
    conclusion: Conclusion
    subject_name: str
    subject_digest: Digest

    @property
    def exit_code(self) -> ExitCode:
        """Whether it holds."""
        return _CODES.get(self.conclusion.outcome, ExitCode.INCONCLUSIVE)


def checked(file: Path, subject: Path, options: Options, as_of: dt.date) -> Checked:
    """Verify an attestation for a subject on a day.

    Raises:
        UsageError: nobody is named to trust, or a file cannot be read.
        HostileInput: the file is no attestation.
    """
    from weighbridge.cli.attest_make import snapshot_of
    from weighbridge.cli.paths import check_model, read_small
    from weighbridge.cli.trust_options import trusted
    from weighbridge.collect.attestation_folder import with_evidence
    from weighbridge.collect.attestations import facts_of
    from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
    from weighbridge.model.rule import Case
    from weighbridge.rules.controls._shared import judge
    from weighbridge.signing.attestation import MAX_FILE_BYTES
    from weighbridge.signing.attested import (
        attested_subject,
        file_states,
        taken_apart,
        verify_attestation,
    )
    from weighbridge.signing.fingerprints import is_needed, keys_beside

    trusted_ = trusted(options)
    data = read_small(file, MAX_FILE_BYTES, "the attestation")
    held = with_evidence(taken_apart(file.name, data), file.parent)
    read = held.file.read
    if read is None:
        raise HostileInput(f"{str(file)!r} is no attestation: {held.file.reason}")
    check_model(subject)
    snapshot = snapshot_of(subject)
    at_hand = keys_beside(snapshot) if is_needed(trusted_.signers) else ()
    attested = attested_subject(snapshot)
    verified = verify_attestation(
        read,
        attested,
        trusted_.signers,
        at=dt.datetime.combine(as_of, dt.time(23, 59, 59, tzinfo=dt.UTC)),
        timestamp_roots=trusted_.timestamp_roots,
        at_hand=(*trusted_.keys, *at_hand),
    )
    facts = facts_of(verified, file_states(read.attestation, held.beside, held.unread))
    evidence = Evidence(
        EvidenceKind.ATTESTATION,
        file.name,
        EvidenceState.OBSERVED,
        f"attestations:{file.name}",
        "attest",
        data=facts,
    )
    control = read.attestation.control
    case = Case(
        subject=snapshot.subject,
        as_of=as_of,
        evidence=(evidence,),
        params={"max_days": _max_days(control, options, trusted_)},
        trust=trusted_.signers,
        signatures=trusted_.demands,
    )
    conclusion = judge(case, control)
    return Checked(
        str(file),
        as_of,
        facts,
        verified.signature,
        conclusion,
        snapshot.subject.name,
        attested.digest,
    )


def _max_days(control: str, options: Options, trusted: Trusted) -> int:
    """How long an attestation may hold: by the policy where one is given, else by the control."""
    known = known_control(control)
    if known is None:
        raise UsageError(
            f"the attestation is on {control[:100]!r}, which is no control of this version",
            remedy="See 'weighbridge attest list' for those that there are.",
        )
    if not trusted.by_policy:
        return known.max_days
    from weighbridge.policy.load import load_policy
    from weighbridge.rules.registry import load_rules

    metas = tuple(rule.META for rule in load_rules())
    policy = load_policy(options.trust, rules=metas, as_of=trusted.at.date())
    setting = policy.setting(control)
    days = setting.params["max_days"] if setting else known.max_days
    assert isinstance(days, int)
    return days
