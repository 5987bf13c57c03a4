"""What a rule that does not hold means for whoever decides, in a plain sentence.

For the brief. A rule that is not named here is told by what it checks.
"""

from __future__ import annotations

from weighbridge.model.record import RuleResult

MEANING: dict[str, str] = {
    "unreadable-files": "Parts of the model could not be read, or a link leads out of it.",
    "content-not-present": "Some weights are not here: nobody has looked at them.",
    "unsigned-weights": "Nobody vouches for some weights: they could have been exchanged.",
    "signature-mismatch": "The files are not those that were signed.",
    "untrusted-signer": "Some weights are not signed by anybody whom the policy trusts.",
    "unsafe-content": "Loading this model can run code that was hidden in its files.",
    "malformed-weights": "Some weight files are broken, or are not what their names say.",
    "uninspected-weights": "Some weights could not be inspected to their end.",
    "inconsistent-shards": "The parts of the weights do not fit together.",
    "contradicting-architecture": "The card or configuration says other than the weights.",
    "unrecorded-dependencies": "Nothing records the software that the model runs on.",
    "unpinned-dependency": "Software it needs may change without notice: versions are left open.",
    "unhashed-dependency": "Software it needs could be exchanged on the way: hashes are missing.",
    "modified-package": "Installed software was changed after its installation.",
    "startup-hook": "Code runs whenever Python starts, before the model is even loaded.",
    "extra-index": "Software may come from a place that anybody can fill.",
    "direct-url": "Software is taken from addresses that no index keeps.",
    "similar-name": "A package is named almost like a popular one, as planted packages are.",
    "young-version": "Software is so new that nobody had time to find what is wrong with it.",
    "deep-dependency": "Software came in by long chains that nobody asked for.",
    "known-vulnerability": "Software it runs on has known vulnerabilities.",
    "malicious-package": "Software it runs on is known to be malicious.",
    "missing-license": "Nothing says under which license the model may be used.",
    "unknown-license": "The license that is stated is none that is known.",
    "contradicting-license": "The files name different licenses for the same model.",
    "unknown-ancestor": "The license of a model that this one was made from is not known.",
    "disputed-lineage": "The files contradict each other on what the model was made from.",
    "license-conflict": "A license it was made under stands against its own license or its use.",
    "unmet-obligation": "The release lacks what licenses of its parts demand.",
    "changed-license": "Licenses have changed since they were last accepted.",
    "uncited-dataset": "Data it was trained on is not cited anywhere.",
    "unlicensed-dataset": "The license of data it was trained on is not known.",
    "unpinned-dataset": "The data it was trained on may since have changed.",
    "undocumented-dataset": "The record on its data lacks what the policy asks for.",
    "incomplete-model-card": "The card is silent on topics that the policy asks for.",
    "undocumented-evaluation": "Results are claimed that nobody could measure again.",
    "unstated-energy": "Nothing says what its training took in energy or carbon.",
    "unapproved-prompt": "Prompts are in use that nobody has approved as they are.",
    "missing-lifecycle-notes": "Nothing says how it is rolled back, how long it is kept, by whom.",
    "missing-risk-statements": "What is known of its bias and limits is not written down.",
    "training-content-summary": "The record on training content has gaps that frameworks ask for.",
    "unsigned-commit": "Weights were changed by commits that nobody signed.",
    "first-time-weight-author": "Somebody new to the project changed the weights.",
    "changed-owner": "Other people may now publish software or models that this one stands on.",
    "changed-publisher": "Something it stands on was published in another way than before.",
    "dropped-attestations": "A release no longer proves where it comes from, as it used to.",
    "untagged-release": "A release is not marked in its source, as those before it were.",
    "dormant-release": "Something it stands on was released again after a very long silence.",
    "release-burst": "Something it stands on was released several times within a day.",
    "young-dependency": "A release needs a project that hardly exists yet.",
    "account-domain": "Mail to somebody who may publish could reach a stranger.",
    "hijack-score": "Something it stands on looks like projects did that were taken over.",
    "new-install-hook": "A release runs code by itself, as none before it did.",
    "new-binary": "A release carries a file that nobody can read, as none before it did.",
    "recreated-namespace": "Behind a name that was accepted there is now another project.",
    "changed-repository": "The source of something it stands on has changed hands or place.",
    "hostile-fork": "Something passes for a better known project that it is a young copy of.",
    "changed-release-key": "A release is signed with a key that nobody knew before, or no longer.",
    "artifact-differs": "A release has code in it that its source does not have.",
    "suspicious-startup": "Code that runs by itself does what thieves of passwords and miners do.",
    "quarantined-project": "Something it stands on was quarantined, removed or found malicious.",
    "backdated-commit": "Commits to the weights claim dates that cannot be true.",
    "changed-signing-key": "Weights were signed with a key new to whoever signed, or revoked.",
    "swapped-pointer": "Weights were exchanged behind a pointer that hardly shows it.",
    "leaked-secret": "Passwords or keys lie open in the files, for whoever has them.",
    "plain-credential": "Configurations hold credentials that belong in a safe place.",
    "consent-for-training-data": "Nobody answers for the legal ground of people's data in it.",
    "data-residency": "Nobody answers for the countries in which its data lie.",
    "bias-testing": "Nobody answers for how it treats groups of people.",
    "right-to-explanation": "Nobody answers for how people get its decisions explained.",
    "third-party-audit": "Nobody from outside has examined it, as far as is attested.",
    "kill-switch-rehearsed": "Nobody attests that it can be switched off and rolled back.",
    "human-oversight": "Nobody answers for watching over it and overruling it.",
    "incident-response-plan": "Nobody answers for a plan for when something goes wrong.",
    "acceptable-use-review": "Nobody has compared the planned use with what is allowed.",
}


def meaning(result: RuleResult) -> str:
    """One sentence on what it means that this rule does not hold."""
    said = MEANING.get(result.rule)
    if said:
        return said
    if result.summary:
        return f"It does not hold that {result.summary.rstrip('.')}."
    return f"The rule {result.rule} does not hold."
