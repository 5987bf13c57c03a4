"""What the names of licenses in Python metadata stand for, as tables to read and to add to.

Sources: the trove classifiers below ``License ::`` (trove-classifiers 2026.9.21.13, the withdrawn
ones too); PEP 639, appendix "Mapping License Classifiers to SPDX Identifiers", for which of them
are ambiguous; the SPDX License List 3.27.0 for ids and for what replaces a deprecated one. The
spellings are those met in the metadata of some 400 packages of the AI field, and their like.

A name that tells a family of licenses and not which of them stands for a ``LicenseRef-`` of that
family that ends in ``-unspecified``: shorter ones, such as ``LicenseRef-Apache``, are read as one
license by license-expression, whose list is ScanCode's. PEP 639 forbids to infer an id from such a
classifier, and defines two references itself (``LicenseRef-Public-Domain``,
``LicenseRef-Proprietary``).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# How the ids begin that a family may turn out to be. A family that is one version of another
# one's licenses (GPL 3 of the GPL) is among them.
FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "LicenseRef-AFL-unspecified": ("AFL-",),
        "LicenseRef-AGPL-unspecified": ("AGPL-", "LicenseRef-AGPL-"),
        "LicenseRef-AGPL-3.0-unspecified": ("AGPL-3.0-",),
        "LicenseRef-APSL-unspecified": ("APSL-",),
        "LicenseRef-Apache-unspecified": ("Apache-",),
        "LicenseRef-Artistic-unspecified": ("Artistic-",),
        "LicenseRef-BSD-unspecified": ("BSD-", "0BSD"),
        "LicenseRef-EFL-unspecified": ("EFL-",),
        "LicenseRef-EPL-unspecified": ("EPL-",),
        "LicenseRef-GFDL-unspecified": ("GFDL-",),
        "LicenseRef-GPL-unspecified": ("GPL-", "LicenseRef-GPL-"),
        "LicenseRef-GPL-2.0-unspecified": ("GPL-2.0-",),
        "LicenseRef-GPL-3.0-unspecified": ("GPL-3.0-",),
        "LicenseRef-LGPL-unspecified": ("LGPL-", "LicenseRef-LGPL-"),
        "LicenseRef-LGPL-2-unspecified": ("LGPL-2.", "LicenseRef-LGPL-2-"),
        "LicenseRef-LGPL-2-or-later-unspecified": ("LGPL-2.0-or-later", "LGPL-2.1-or-later"),
        "LicenseRef-LGPL-2.1-unspecified": ("LGPL-2.1-",),
        "LicenseRef-LGPL-3.0-unspecified": ("LGPL-3.0-",),
        "LicenseRef-MPL-unspecified": ("MPL-",),
        "LicenseRef-NPL-unspecified": ("NPL-",),
        "LicenseRef-Proprietary": (),
        "LicenseRef-Public-Domain": ("CC0-", "Unlicense", "WTFPL"),
        "LicenseRef-ZPL-unspecified": ("ZPL-",),
    }
)

_OSI = "OSI Approved :: "

# Without ``License ::``. Left out is what names no license (``OSI Approved``, ``DFSG approved``)
# and what SPDX does not list (GUST Font License, Jabber, MITRE CVW, Repoze).
CLASSIFIERS: Mapping[str, str] = MappingProxyType(
    {
        "Aladdin Free Public License (AFPL)": "Aladdin",
        "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
        "CeCILL-B Free Software License Agreement (CECILL-B)": "CECILL-B",
        "CeCILL-C Free Software License Agreement (CECILL-C)": "CECILL-C",
        "Eiffel Forum License (EFL)": "LicenseRef-EFL-unspecified",
        "Free For Educational Use": "LicenseRef-Proprietary",
        "Free For Home Use": "LicenseRef-Proprietary",
        "Free To Use But Restricted": "LicenseRef-Proprietary",
        "Free for non-commercial use": "LicenseRef-Proprietary",
        "Freely Distributable": "LicenseRef-Proprietary",
        "Freeware": "LicenseRef-Proprietary",
        "Netscape Public License (NPL)": "LicenseRef-NPL-unspecified",
        "Nokia Open Source License (NOKOS)": "Nokia",
        "Other/Proprietary License": "LicenseRef-Proprietary",
        "Public Domain": "LicenseRef-Public-Domain",
        _OSI + "Academic Free License (AFL)": "LicenseRef-AFL-unspecified",
        _OSI + "Apache Software License": "LicenseRef-Apache-unspecified",
        _OSI + "Apple Public Source License": "LicenseRef-APSL-unspecified",
        _OSI + "Artistic License": "LicenseRef-Artistic-unspecified",
        _OSI + "Attribution Assurance License": "AAL",
        _OSI + "BSD License": "LicenseRef-BSD-unspecified",
        _OSI + "Blue Oak Model License (BlueOak-1.0.0)": "BlueOak-1.0.0",
        _OSI + "Boost Software License 1.0 (BSL-1.0)": "BSL-1.0",
        _OSI + "CEA CNRS Inria Logiciel Libre License, version 2.1 (CeCILL-2.1)": "CECILL-2.1",
        _OSI + "CMU License (MIT-CMU)": "MIT-CMU",
        _OSI + "Common Development and Distribution License 1.0 (CDDL-1.0)": "CDDL-1.0",
        _OSI + "Common Public License": "CPL-1.0",
        _OSI + "Eclipse Public License 1.0 (EPL-1.0)": "EPL-1.0",
        _OSI + "Eclipse Public License 2.0 (EPL-2.0)": "EPL-2.0",
        _OSI + "Educational Community License, Version 2.0 (ECL-2.0)": "ECL-2.0",
        _OSI + "Eiffel Forum License": "LicenseRef-EFL-unspecified",
        _OSI + "European Union Public Licence 1.0 (EUPL 1.0)": "EUPL-1.0",
        _OSI + "European Union Public Licence 1.1 (EUPL 1.1)": "EUPL-1.1",
        _OSI + "European Union Public Licence 1.2 (EUPL 1.2)": "EUPL-1.2",
        _OSI + "GNU Affero General Public License v3": "LicenseRef-AGPL-3.0-unspecified",
        _OSI + "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
        _OSI + "GNU Free Documentation License (FDL)": "LicenseRef-GFDL-unspecified",
        _OSI + "GNU General Public License (GPL)": "LicenseRef-GPL-unspecified",
        _OSI + "GNU General Public License v2 (GPLv2)": "LicenseRef-GPL-2.0-unspecified",
        _OSI + "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
        _OSI + "GNU General Public License v3 (GPLv3)": "LicenseRef-GPL-3.0-unspecified",
        _OSI + "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
        _OSI + "GNU Lesser General Public License v2 (LGPLv2)": "LicenseRef-LGPL-2-unspecified",
        _OSI + "GNU Lesser General Public License v2 or later (LGPLv2+)": (
            "LicenseRef-LGPL-2-or-later-unspecified"
        ),
        _OSI + "GNU Lesser General Public License v3 (LGPLv3)": "LicenseRef-LGPL-3.0-unspecified",
        _OSI + "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
        _OSI + "GNU Library or Lesser General Public License (LGPL)": "LicenseRef-LGPL-unspecified",
        _OSI + "Historical Permission Notice and Disclaimer (HPND)": "HPND",
        _OSI + "IBM Public License": "IPL-1.0",
        _OSI + "ISC License (ISCL)": "ISC",
        _OSI + "Intel Open Source License": "Intel",
        _OSI + "MIT License": "MIT",
        _OSI + "MIT No Attribution License (MIT-0)": "MIT-0",
        _OSI + "MirOS License (MirOS)": "MirOS",
        _OSI + "Motosoto License": "Motosoto",
        _OSI + "Mozilla Public License 1.0 (MPL)": "MPL-1.0",
        _OSI + "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",
        _OSI + "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
        _OSI + "Mulan Permissive Software License v2 (MulanPSL-2.0)": "MulanPSL-2.0",
        _OSI + "NASA Open Source Agreement v1.3 (NASA-1.3)": "NASA-1.3",
        _OSI + "Nethack General Public License": "NGPL",
        _OSI + "Nokia Open Source License": "Nokia",
        _OSI + "Open Group Test Suite License": "OGTSL",
        _OSI + "Open Software License 3.0 (OSL-3.0)": "OSL-3.0",
        _OSI + "PostgreSQL License": "PostgreSQL",
        _OSI + "Python License (CNRI Python License)": "CNRI-Python",
        _OSI + "Python Software Foundation License": "PSF-2.0",
        _OSI + "Qt Public License (QPL)": "QPL-1.0",
        _OSI + "Ricoh Source Code Public License": "RSCPL",
        _OSI + "SIL Open Font License 1.1 (OFL-1.1)": "OFL-1.1",
        _OSI + "Sleepycat License": "Sleepycat",
        _OSI + "Sun Industry Standards Source License (SISSL)": "SISSL",
        _OSI + "Sun Public License": "SPL-1.0",
        _OSI + "The Unlicense (Unlicense)": "Unlicense",
        _OSI + "Universal Permissive License (UPL)": "UPL-1.0",
        _OSI + "University of Illinois/NCSA Open Source License": "NCSA",
        _OSI + "Vovida Software License 1.0": "VSL-1.0",
        _OSI + "W3C License": "W3C",
        _OSI + "X.Net License": "Xnet",
        _OSI + "Zero-Clause BSD (0BSD)": "0BSD",
        _OSI + "Zope Public License": "LicenseRef-ZPL-unspecified",
        _OSI + "zlib/libpng License": "Zlib",
    }
)

# Spellings, read without letter case, punctuation, filling words (the, license, software, version,
# clause) and the ".0" of a version: "Apache License, Version 2.0" is here as "Apache 2".
# A GNU license with a version and without "only" or "or later" is ambiguous, as its classifier is.
SPELLINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "0BSD": ("0BSD", "zero clause BSD", "BSD 0", "BSD zero clause"),
        "AGPL-3.0-only": ("AGPL 3 only",),
        "AGPL-3.0-or-later": ("AGPL 3+",),
        "Apache-1.1": ("Apache 1.1", "ASL 1.1"),
        "Apache-2.0": (
            "Apache 2", "ASL 2", "AL 2", "Apache public 2", "Apache open source 2",
            "ASF 2", "Apache foundation 2",
        ),
        "Artistic-2.0": ("Artistic 2", "Perl Artistic 2"),
        "BSD-2-Clause": (
            "BSD 2", "2 BSD", "two clause BSD", "simplified BSD", "BSD simplified", "FreeBSD",
            "BSD two clause", "BSD 2 simplified",
        ),
        "BSD-3-Clause": (
            "BSD 3", "3 BSD", "three clause BSD", "new BSD", "BSD new", "modified BSD",
            "BSD modified", "revised BSD", "BSD revised", "BSD three clause", "BSD 3 new",
            "BSD 3 new or revised", "new BSD 3", "BSD 3 modified", "BSD 3 revised", "BSDv3",
            "new 3 BSD", "BSD new 3", "modified BSD 3", "OSI BSD 3",
        ),
        "BSD-4-Clause": ("BSD 4", "4 BSD", "original BSD", "BSD original"),
        "BSL-1.0": ("Boost 1", "Boost"),
        "CC-BY-4.0": ("CC BY 4", "Creative Commons Attribution 4 International"),
        "CC-BY-NC-4.0": ("CC BY NC 4",),
        "CC-BY-SA-4.0": ("CC BY SA 4",),
        "CC0-1.0": ("CC0", "CC0 1", "CC0 1 Universal", "Creative Commons Zero 1 Universal"),
        "EPL-1.0": ("EPL 1", "Eclipse public 1"),
        "EPL-2.0": ("EPL 2", "Eclipse public 2"),
        "EUPL-1.2": ("EUPL 1.2", "European Union public 1.2"),
        "GPL-2.0-only": ("GPL 2 only",),
        "GPL-2.0-or-later": ("GPL 2+",),
        "GPL-3.0-only": ("GPL 3 only",),
        "GPL-3.0-or-later": ("GPL 3+",),
        "HPND": ("HPND", "Historical Permission Notice and Disclaimer"),
        "ISC": ("ISC", "ISCL", "ISC ISCL"),
        "LGPL-2.0-only": ("LGPL 2 only",),
        "LGPL-2.1-only": ("LGPL 2.1 only",),
        "LGPL-2.1-or-later": ("LGPL 2.1+",),
        "LGPL-3.0-only": ("LGPL 3 only",),
        "LGPL-3.0-or-later": ("LGPL 3+",),
        "LicenseRef-AFL-unspecified": ("AFL", "Academic Free"),
        "LicenseRef-AGPL-unspecified": ("AGPL",),
        "LicenseRef-AGPL-3.0-unspecified": ("AGPL 3",),
        "LicenseRef-Apache-unspecified": ("Apache", "ASL", "Apache foundation", "Apache public"),
        "LicenseRef-Artistic-unspecified": ("Artistic",),
        "LicenseRef-BSD-unspecified": ("BSD", "BSD style", "BSD like", "BSD derived"),
        "LicenseRef-EPL-unspecified": ("EPL", "Eclipse public"),
        "LicenseRef-GPL-unspecified": ("GPL",),
        "LicenseRef-GPL-2.0-unspecified": ("GPL 2",),
        "LicenseRef-GPL-3.0-unspecified": ("GPL 3",),
        "LicenseRef-LGPL-unspecified": ("LGPL",),
        "LicenseRef-LGPL-2-unspecified": ("LGPL 2",),
        "LicenseRef-LGPL-2-or-later-unspecified": ("LGPL 2+",),
        "LicenseRef-LGPL-2.1-unspecified": ("LGPL 2.1",),
        "LicenseRef-LGPL-3.0-unspecified": ("LGPL 3",),
        "LicenseRef-MPL-unspecified": ("MPL", "Mozilla", "Mozilla public"),
        "LicenseRef-Proprietary": (
            "proprietary", "commercial", "other proprietary", "closed source",
            "all rights reserved", "NVIDIA proprietary",
        ),
        "LicenseRef-Public-Domain": ("public domain", "public domain dedication"),
        "LicenseRef-ZPL-unspecified": ("ZPL", "Zope public"),
        "MIT": (
            "MIT", "Expat", "MIT Expat", "Expat MIT", "MIT X11", "X11 MIT", "MIT open source",
            "OSI MIT",
        ),
        "MIT-0": ("MIT 0", "MIT no attribution"),
        "MIT-CMU": ("MIT CMU", "CMU"),
        "MPL-1.1": ("MPL 1.1", "Mozilla public 1.1"),
        "MPL-2.0": ("MPL 2", "Mozilla public 2", "Mozilla 2"),
        "MulanPSL-2.0": ("Mulan PSL 2", "Mulan permissive 2"),
        "NCSA": ("NCSA", "University of Illinois NCSA open source"),
        "OFL-1.1": ("OFL 1.1", "SIL OFL 1.1", "SIL open font 1.1"),
        "PSF-2.0": ("PSF", "PSFL", "PSF 2", "PSFL 2", "Python foundation", "Python foundation 2"),
        "PostgreSQL": ("PostgreSQL",),
        "Unlicense": ("Unlicense",),
        "W3C": ("W3C",),
        "WTFPL": ("WTFPL", "do what the fuck you want to public", "WTFPL 2"),
        "ZPL-2.1": ("ZPL 2.1", "Zope public 2.1"),
        "Zlib": ("zlib", "zlib libpng", "libpng zlib"),
    }
)  # fmt: skip

# Long names that are read as short ones, before the table is looked up.
SHORT_NAMES: tuple[tuple[str, str], ...] = (
    ("gnu library or lesser general public", "lgpl"),
    ("gnu lesser general public", "lgpl"),
    ("gnu library general public", "lgpl"),
    ("lesser general public", "lgpl"),
    ("gnu affero general public", "agpl"),
    ("affero general public", "agpl"),
    ("gnu general public", "gpl"),
    ("general public", "gpl"),
    ("gnu lesser", "lgpl"),
    ("gnu lgpl", "lgpl"),
    ("gnu agpl", "agpl"),
    ("gnu affero", "agpl"),
    ("gnu gpl", "gpl"),
)

FILLING = frozenset(
    {
        "a", "an", "the", "license", "licenses", "licensed", "licence", "licences", "under", "by",
        "terms", "of", "version", "ver", "software", "clause", "clauses", "agreement", "released",
        "distributed", "osi", "approved",
    }
)  # fmt: skip

# SPDX License List: deprecated ids, whose names there say "only" and "or later".
_GNU = ("AGPL-1.0", "AGPL-3.0", "GFDL-1.1", "GFDL-1.2", "GFDL-1.3", "GPL-1.0", "GPL-2.0", "GPL-3.0",
        "LGPL-2.0", "LGPL-2.1", "LGPL-3.0")  # fmt: skip
REPLACED: Mapping[str, str] = MappingProxyType(
    {name: f"{name}-only" for name in _GNU} | {f"{name}+": f"{name}-or-later" for name in _GNU}
)
