"""What was not checked, what the report rests on, how to verify it, and what it does not say."""

from __future__ import annotations

from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.evidence import Evidence
from weighbridge.model.record import AuditRecord, TimestampState
from weighbridge.report.html.brief import KIND_WORDS
from weighbridge.report.html.markup import (
    Column,
    Html,
    cell,
    code,
    el,
    head,
    join,
    row,
    small,
    table,
    text,
    tone,
)
from weighbridge.report.html.tones import STATE
from weighbridge.report.pdf.words import count
from weighbridge.report.summary import NotChecked, not_checked, shorten, size_words

_LIMITS = """\
This is not legal advice. Clause texts are paraphrased; their dates and legal status are as of the \
day of the audit. A lawyer decides whether and how a clause applies to you.
Nothing of the model was run, so this says nothing of how it behaves: accuracy, bias, robustness \
against crafted inputs, and what was learned from which data stay open.
A pass means that the rule's question was answered yes from the evidence listed. It does not mean \
that a law is complied with. There are counts and no percentages, because rules do not weigh the \
same.
Advisories, licenses and signatures are those known on the day of the audit.
Control characters, characters that turn text around, and piles of combining marks are written as \
escapes such as \\u202e; long texts are cut and the rest is counted. audit.json has every text in \
full, and is what counts where this page and it differ."""


def unchecked(record: AuditRecord) -> Html:
    """All that stays undecided, with the reason."""
    items = not_checked(record)
    if not items:
        return el("p", "Nothing: all that the policy asks for was decided.")
    off: dict[str, list[str]] = {}
    for item in items:
        if item.kind == "rule-off":
            off.setdefault(item.reason, []).append(item.what)
    columns = (Column("What"), Column("Why it is open"), Column("Reason"))
    rows = [_open(item) for item in items if item.kind != "rule-off"]
    rows += [_off(rules, reason) for reason, rules in off.items()]
    return table("open-table", "What was not checked", columns, rows)


def _open(item: NotChecked) -> Html:
    number = small(f"{item.count:,} of them") if item.count > 1 else None
    return row(
        head(el("bdi", text(shorten(item.what, 400), 500)), value=item.what[:100]),
        cell(KIND_WORDS[item.kind], number),
        cell(item.reason),
    )


def _off(rules: list[str], reason: str) -> Html:
    """Rules that are off for the same reason, which is most often that others were not chosen."""
    names = el("bdi", text(", ".join(rules), 4_000))
    named = names if len(rules) == 1 else join([count(len(rules), "rule"), small(names)])
    return row(head(named, value=rules[0]), cell(KIND_WORDS["rule-off"]), cell(reason))


def evidence(record: AuditRecord) -> Html:
    """Each observation with its state, its source and its digest."""
    if not record.evidence:
        return el("p", "Nothing was collected.")
    columns = (Column("Kind"), Column("About"), Column("State"), Column("Source"),
               Column("SHA-256"))  # fmt: skip
    return table("evidence-table", "Evidence that the rules rest on", columns,
                 (_evidence(item) for item in record.evidence))  # fmt: skip


def _evidence(item: Evidence) -> Html:
    about = code(shorten(item.about)) if item.about else el("span", "the whole subject",
                                                            class_="muted")  # fmt: skip
    reason = small(text(item.reason, 300)) if item.reason else None
    return row(
        head(item.kind.value),
        cell(about),
        cell(tone(item.state.value, STATE[item.state]), reason),
        cell(code(item.source, 200)),
        cell(code(item.digest.value)),
    )


def files(record: AuditRecord) -> Html:
    """Each file of the subject with its digest."""
    if not record.artifacts:
        return el("p", "The subject has no files.")
    columns = (Column("Path"), Column("Kind"), Column("Size"), Column("SHA-256"))
    return table("files-table", "Files of the subject", columns,
                 (_file(artifact) for artifact in record.artifacts))  # fmt: skip


def _file(artifact: Artifact) -> Html:
    absent = None
    if artifact.presence is not Presence.CONTENT:
        absent = small(tone(f"{artifact.presence.value}: not read", "amber"))
    link = small("link to ", code(shorten(artifact.link_target))) if artifact.link_target else None
    digest = artifact.digest()
    return row(
        head(code(shorten(artifact.path)), link, value=artifact.path[:200]),
        cell(artifact.kind.value, absent),
        cell(size_words(artifact.size), value=artifact.size),
        cell(code(digest.value) if digest else tone("none", "amber")),
    )


def how_to_verify(record: AuditRecord) -> Html:
    """Commands that anyone can run, with and without this tool."""
    steps: list[tuple[str, tuple[str, ...]]] = [
        ("Everything: the seal, the signatures, the timestamp, and that all files tell the same.",
         ("weighbridge report verify PACK",)),
        ("Evaluate the same evidence again: the record comes out the same, byte for byte.",
         ("weighbridge replay PACK",)),
        ("This page is made from audit.json and nothing else: made again, it is the same file.",
         ("weighbridge report PACK --format html --output again.html",
          "cmp again.html PACK/report.html")),
        (f"The record has the digest {record.digest.value}.", ("sha256sum PACK/audit.json",)),
        ("The signature in the PDF. It must also say that the total document is signed.",
         ("pdfsig PACK/report.pdf",)),
    ]  # fmt: skip
    if record.timestamp.state is TimestampState.STAMPED:
        stamp = ".verificationMaterial.timestampVerificationData.rfc3161Timestamps[0]"
        steps.append((
            "The timestamp over the seal, with the authority's root certificates.",
            (f"jq -r {stamp}.signedTimestamp PACK/audit.sigstore.json | base64 -d > seal.tsr",
             ("jq -r .dsseEnvelope.signatures[0].sig PACK/audit.sigstore.json | base64 -d > "
             "seal.sig"),
             "openssl ts -verify -in seal.tsr -data seal.sig -CAfile tsa-roots.pem"),
        ))  # fmt: skip
    else:
        steps.append((("There is no timestamp to verify: the date of this report is the auditor's "
                      "word."), ()))  # fmt: skip
    parts = [el("p", "PACK is the folder that the audit wrote. The first command checks all of it, "
                     "without the network.")]  # fmt: skip
    for words, commands in steps:
        parts.append(el("p", words))
        if commands:
            parts.append(el("pre", join((el("code", c) for c in commands), "\n")))
    return join(parts)


def limits(record: AuditRecord) -> Html:  # noqa: ARG001 - as all sections
    """What this page does not say."""
    return el("ul", *(el("li", words) for words in _LIMITS.splitlines()))
