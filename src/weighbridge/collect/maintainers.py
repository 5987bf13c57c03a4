"""Who changed the weights, out of the git history that the subject lies in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from weighbridge.collect.context import CollectContext
from weighbridge.history.check import check_signature, made_by
from weighbridge.history.commit import Person, iso
from weighbridge.history.compare import State
from weighbridge.history.history import History, Touch, open_history
from weighbridge.history.key_use import KeyUse
from weighbridge.history.openpgp_keys import read_signers
from weighbridge.history.pointers import PointerChange
from weighbridge.history.signers import AllowedSigner, signer_from_pem
from weighbridge.model.errors import ConfigurationError, HostileInput
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.commit import (
    AuthorFacts,
    CommitFacts,
    HistoryFacts,
    PersonFacts,
    PointerFacts,
)
from weighbridge.model.policy import SignerKind, TrustedSigner

NAME = "maintainers"
KINDS = (EvidenceKind.COMMIT,)
_COLLECTOR = "maintainers@1"
_MAX_LISTED = 1000  # commits of which each gets evidence, beside those that made what is there now
_MAX_PATHS = 100  # weight files named for one commit


def collect(ctx: CollectContext) -> Iterable[Evidence]:
    """One piece of evidence about the history, then one a commit that touched weights."""
    try:
        history = open_history(ctx.snapshot)
    except HostileInput as error:
        yield _summary(EvidenceState.UNAVAILABLE, reason=error.diagnostics())
        return
    if history is None:
        reason = "the subject does not lie in a git repository that knows it"
        yield _summary(EvidenceState.UNSUPPORTED, reason=reason)
        return
    listed = _listed(history)
    facts = _history_facts(history, len(listed))
    source = f"git:{history.head}"
    if history.damage:
        yield _summary(EvidenceState.UNAVAILABLE, source, history.damage, facts)
    else:
        yield _summary(EvidenceState.OBSERVED, source, data=facts)
    current = history.current()
    allowed = allowed_signers(ctx.trust, ctx.commit_signers)
    for touch in listed:
        yield _commit_evidence(touch, touch.commit.id in current, allowed, history.keys)


def allowed_signers(
    trust: Iterable[TrustedSigner], texts: Iterable[str] = ()
) -> tuple[AllowedSigner, ...]:
    """A policy's trusted signers, as far as SSH knows their kind of key, and those of its texts.

    Raises:
        ConfigurationError: a text is neither a file of allowed signers nor an OpenPGP key block.
    """
    signers: list[AllowedSigner] = []
    for trusted in trust:
        if trusted.kind is not SignerKind.KEY:
            continue
        try:
            signers.append(signer_from_pem(trusted.name, trusted.public_key))
        except ConfigurationError:
            continue  # a key SSH cannot have: no commit can be signed with it
    for number, text in enumerate(texts, start=1):
        signers += read_signers(text, source=f"commits.signers, file {number}")
    return tuple(signers)


def _listed(history: History) -> list[Touch]:
    current = history.current()
    return [
        touch
        for index, touch in enumerate(history.touches)
        if index < _MAX_LISTED or touch.commit.id in current
    ]


def _summary(
    state: EvidenceState, source: str = "git:", reason: str = "", data: HistoryFacts | None = None
) -> Evidence:
    return Evidence(
        kind=EvidenceKind.COMMIT,
        about="",
        state=state,
        source=source,
        collector=_COLLECTOR,
        reason=reason,
        data=dict(data) if data else {},
    )


def _commit_evidence(
    touch: Touch,
    current: bool,
    allowed: tuple[AllowedSigner, ...],
    keys: Mapping[tuple[str, str], KeyUse],
) -> Evidence:
    commit = touch.commit
    check = check_signature(commit, allowed)
    use = None if commit.is_web_flow else keys.get((commit.committer.key, check.key))
    facts = CommitFacts(
        position=touch.position,
        current=current,
        weights=sorted(touch.weights)[:_MAX_PATHS],
        parents=len(commit.parents),
        author_key=commit.author.key,
        author=_person(commit.author),
        committer=_person(commit.committer),
        web_flow=commit.is_web_flow,
        not_before=iso(touch.not_before),
        signature=commit.signature_kind,
        verified=check.verified,
        untrusted=check.untrusted,
        reason=check.reason,
        key=check.key,
        signer=check.signer,
        made_by=made_by(commit, check),
        outside=check.outside,
        parents_date=iso(touch.parents_time),
        key_first=iso(use.first) if use else "",
        earlier_keys=list(use.earlier) if use else [],
        pointers=[_pointer(change) for change in touch.pointers[:_MAX_PATHS]],
    )
    return Evidence(
        kind=EvidenceKind.COMMIT,
        about=commit.id,
        state=EvidenceState.OBSERVED,
        source=f"git:{commit.id}",
        collector=_COLLECTOR,
        data=dict(facts),
    )


def _person(person: Person) -> PersonFacts:
    return PersonFacts(name=person.name, email=person.email, date=person.date)


def _pointer(change: PointerChange) -> PointerFacts:
    return PointerFacts(
        path=change.path,
        was=change.old.what,
        now=change.new.what,
        old_digest=change.old.digest,
        new_digest=change.new.digest,
        old_size=change.old.size,
        new_size=change.new.size,
        converted=change.converted,
    )


def _history_facts(history: History, listed: int) -> HistoryFacts:
    def weights(state: State) -> list[str]:
        return sorted(path for path, found in history.states.items() if found is state)

    return HistoryFacts(
        head=history.head,
        commits=history.commits,
        weight_commits=len(history.touches),
        listed_commits=listed,
        complete=not history.limits and not history.damage,
        limits=list(history.limits),
        weights=len(history.tracked),
        unattributed=history.unattributed(),
        uncommitted=weights(State.UNCOMMITTED),
        untracked=weights(State.UNTRACKED),
        uncompared=weights(State.UNCOMPARED),
        authors=list(_authors(history)),
    )


def _authors(history: History) -> Iterator[AuthorFacts]:
    """Those who touched weights, by address."""
    for author in history.authors:
        positions = [t.position for t in history.touches if t.commit.author.key == author.key]
        if positions:
            yield AuthorFacts(
                key=author.key,
                name=author.name,
                email=author.email,
                first_date=iso(author.first),
                commits=author.commits,
                weight_commits=len(positions),
                first_weights=max(positions),
            )
