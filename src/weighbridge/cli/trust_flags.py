"""The flags that say whom a verb trusts, for verbs that read what others signed.

What they amount to is in :mod:`weighbridge.cli.trust_options`.
"""

from __future__ import annotations

from typing import Annotated

import typer

Issuer = Annotated[
    str, typer.Option(help="Who must vouch for --identity: an OpenID provider, or authority.")
]
CertificateRoot = Annotated[
    list[str] | None, typer.Option(help="An authority to believe, in PEM; repeat for more.")
]
TrustedRoot = Annotated[
    str, typer.Option(help="A Sigstore instance's trust root. Default: the public one's.")
]
TimestampRoot = Annotated[
    list[str] | None, typer.Option(help="A timestamp authority's root; repeat for more.")
]
