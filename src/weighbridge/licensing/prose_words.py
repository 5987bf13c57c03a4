"""The wordings in which sentences state a license, deny one, or say that it was changed."""

from __future__ import annotations

import re

HINT = re.compile(
    r"licen[sc]|spdx|under|terms|creative ?commons|\bcc[- ]?(?:by|0)|rail|gpl|apache"
    r"|\bmit\b",
    re.I,
)
SECTION = re.compile(r"licen[sc]|\bterms of use\b", re.I)
SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]{0,2}\s+(?=[A-Z\[(\"'])")
SPDX = re.compile(r"SPDX-License-Identifier:\s*([A-Za-z0-9.+() -]{1,200})")
LABEL = re.compile(
    r"\W{0,12}(?P<label>(?:[\w()&/.-]+\s+){0,4}?)licen[sc](?:es?|ing|e\(s\))\b"
    r"(?P<more>(?:\s*\([\w /&-]{1,30}\)|\s+(?:for|of)(?:\s+[\w-]+){1,4})?)\s*(?:[:|=]"
    r"|\s[-–—]\s)\s*(?P<value>\S.*)",
    re.I,
)
CELL = re.compile(r"[^|;]+")
VERB = re.compile(
    r"\b(?P<verb>(?:(?:is|are|was|were|be|been|has been|have been|being|remains?|stays?)\s+)?"
    r"(?:[a-z]+ly\s+|also\s+|made\s+|all\s+)*"
    r"(?:(?:(?:re-?|dual(?:ly)?[- ]|multi-)?licen[sc]ed|released?|(?:re)?distributed|published?"
    r"|available"
    r"|provided?|shared?|open[- ]?sourced?|offered?|issued|usable|used|falls?|comes?|placed|put"
    r"|made|ships?|shipped|hosted|permitted|granted|allowed|stays?|remains?|inherit\w*"
    r"|redistributed)"
    r"\b[^.;:]{0,60}?\s)?(?:under|governed by|covered by|subject to|bound by|protected by))\b"
    r"|\b(?P<other>(?:(?:is|are|was|were)\s+)?(?:[a-z]+ly\s+)?(?:(?:dual[- ])?licen[sc]ed"
    r"|comes?|shipped|released|distributed|provided)"
    r"(?:\s+(?!and\b)\w+){0,2}?\s+(?:with|as|by|via)|available\b[^.;:]{0,40}?\swith|agree(?:s"
    r"|d)?\s+(?:to|with)"
    r"|accept(?:s|ed|ing)?|inherits?(?:\s+from)?|adheres?\s+to|follows?|retains?"
    r"|compl(?:y|ies)\s+with|adopts?|carr(?:y|ies)|licen[sc]e(?:\s+[\w-]+){0,6}?\s+(?:is|are"
    r"|remains?)"
    r"|(?:uses?|has|have|keeps?)\s+(?=(?:(?:the|an?|its)\s+)?(?:[\w.+-]+\s+){1,8}licen[sc]e))\b",
    re.I,
)
MAX_BETWEEN = 90  # characters between the verb and the name
LICENSED_AFTER = re.compile(
    r"(?:\s*-?\s*licen[sc]ed\b|\s+licen[sc]e\s+(?:applies|governs|covers|holds)\b)",
    re.I,
)
COPULA = re.compile(r"\b(?:is|are)\s+(?:an?\s+)?\Z", re.I)
STARTS = re.compile(r"\W*licen[sc]e\b", re.I)
NOUN = re.compile(r"\s+(?!(?:and|or|but|by|for|as|with|to|in|since|so|too)\b)((?:[\w-]+\s*){1,3})")
JOINED = re.compile(
    r"[\s\"')\]]*(?:(?:license|licence|licenses|agreement|terms|public"
    r"|international)[\s\"')\]]*){0,3}"
    r"(?:\([^()]{0,60}\)\s*)?,?\s*(?:/|and/or|and|or|\||&|\+|,)\s*(?:the\s+"
    r"|under\s+(?:the\s+)?)?",
    re.I,
)
DENIED = re.compile(
    r"\b(?:not|never|no longer|neither|cannot|isn['’]t|aren['’]t|wasn['’]t|previously|formerly"
    r"|used to be|unlike|instead of|rather than|(?:in)?compatible|similar to|chang\w+ from"
    r"|switch\w+ from"
    r"|moved from|will be|would be|should be|could be|plan(?:s|ned|ning)? to|intend\w* to"
    r"|such as|e\.g"
    r"|if you|whether|most|many|some of|other models?|replac\w+)\b",
    re.I,
)
CHANGED_BEFORE = re.compile(
    r"\b(?:modified|custom(?:i[sz]ed)?|adapted|amended|variant|variation|based on|derived from"
    r"|inspired by"
    r"|extended|non-standard|revised version|restricted)\b[^.;,]{0,40}\Z",
    re.I,
)
CHANGED_AFTER = re.compile(
    r"\s*(?:[-–]?\s?(?:style|like|based|inspired|derived)\b"
    r"|(?:license|licence)?[\s,(]{0,3}(?:with|plus|but|and|including)\s+(?:(?:an?|the|some"
    r"|certain|several|extra|our|these|following)\s+)*"
    r"(?:additional|added|addition|extra|further|more|modif\w+|commons[ -]clause|restrict\w+"
    r"|exceptions?|"
    r"use[- ]restrict\w+|non-?commercial|changes|conditions|limitations)"
    r"|(?:license|licence)?[\s,(]{0,3}(?:except|excluding|but not|but only|for (?:research"
    r"|academic|non-?commercial)"
    r"(?:[ -]\w+){0,2} (?:use|purposes?) only))",
    re.I,
)
FOR_AFTER = re.compile(
    r"[\s\"')]*(?:licen[sc]es?\b)?[\s\"']*(?:\(\s*|(?:for|covers|applies to"
    r"|on)\s+(?:all\s+)?(?:the|our|its|their)?\s*)"
    r"([\w /&-]{2,40})",
    re.I,
)
CLAUSE = re.compile(
    r";|,?\s+(?:while|whereas|but)\s+|,\s+and\s+(?=(?:the|its|our|all|any)\b)|\s[–—]\s",
    re.I,
)
MODEL_SIZE = re.compile(r"[-\s]?\d+(?:\.\d+)?\s?[bm]\b", re.I)
