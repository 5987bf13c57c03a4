"""The texts that give away what code is after: places of credentials, pools, where to persist.

A text alone says nothing: a library for a cloud names that cloud's folder, a test names a pool.
:mod:`weighbridge.packages.startup_patterns` says which combinations count.

Sources: MITRE ATT&CK T1552.001 and T1552.005 (credentials in files, instance metadata), T1555.003
(browsers), T1053.003, T1543 and T1546.004 (cron, services, shell start-up files), T1496 (mining),
T1105 (download); the stratum protocol's URL schemes as miners document them. Each pattern
takes linear time: what it repeats without a bound, it repeats once.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Mapping

# a folder or file name that stands by itself in a path, or is all of a text
_START, _END = r"(?:^|[/\\~%}\s'\"=])", r"(?:$|[/\\\s'\";*])"


def _part(names: str) -> re.Pattern[str]:
    return re.compile(f"{_START}(?:{names}){_END}", re.IGNORECASE)


# family: where its credentials lie
CREDENTIALS: Mapping[str, re.Pattern[str]] = {
    "aws": _part(r"\.aws(?:[/\\](?:credentials|config))?"),
    "ssh": _part(r"\.ssh|id_rsa|id_ed25519|id_ecdsa|id_dsa|authorized_keys"),
    "gcloud": _part(
        r"\.config[/\\]gcloud|gcloud[/\\]credentials\.db|application_default_credentials\.json"
    ),
    "azure": _part(r"\.azure|azureProfile\.json|msal_token_cache\.(?:json|bin)"),
    "registry": _part(
        r"\.npmrc|\.pypirc|\.yarnrc(?:\.yml)?|\.gem[/\\]credentials|\.cargo[/\\]credentials"
    ),
    "git": _part(r"\.git-credentials|\.netrc|_netrc|hosts\.yml|\.gitconfig"),
    "kubernetes": _part(
        r"\.kube(?:[/\\]config)?|kubeconfig"
        r"|(?:/var)?/run/secrets/kubernetes\.io[\w/.]{0,60}|/etc/kubernetes/[\w./-]{1,60}"
    ),
    "docker": _part(r"\.docker(?:[/\\]config\.json)?"),
    "hub": _part(r"(?:\.cache[/\\])?huggingface[/\\](?:token|stored_tokens)|\.kaggle|kaggle\.json"),
    "vault": _part(r"\.vault-token|\.terraform\.d|\.terraformrc|\.config[/\\]op"),
    "browser": re.compile(
        r"(?:^|[/\\])(?:Login Data|Local State|Web Data|key4\.db|logins\.json|cookies\.sqlite)"
        r"|Google[/\\]Chrome[/\\]|Mozilla[/\\]Firefox|BraveSoftware|Local Storage[/\\]leveldb",
    ),
    "wallet": re.compile(
        r"(?:^|[/\\])(?:wallet\.dat|\.bitcoin|\.ethereum|\.electrum|\.solana)(?:$|[/\\])"
        r"|Exodus[/\\]exodus\.wallet|atomic[/\\]Local Storage|solana[/\\]id\.json"
        r"|nkbihfbeogaeaoehlefnkodbefgpgknn"  # MetaMask's id in browsers
    ),
    "system": re.compile(r"/etc/shadow\b|(?:^|[/\\])\.bash_history\b|(?:^|[/\\])\.zsh_history\b"),
}
# whose own library would never be the one to read them at start-up
PRIVATE = frozenset({"ssh", "browser", "wallet", "system"})

STRATUM = re.compile(r"stratum[12]?(?:\+(?:tcp|tls|ssl|udp))?://", re.IGNORECASE)
POOL = re.compile(
    r"\b(?:minexmr|supportxmr|hashvault|nanopool|moneroocean|c3pool|herominers|unmineable|2miners"
    r"|f2pool|ethermine|nicehash|minergate|dwarfpool|xmrpool|monerohash|prohashing|ravenminer"
    r"|zpool|antpool|viabtc|flypool|kryptex|skypool|monerod?pool|rplant)\.[a-z]{2,10}\b",
    re.IGNORECASE,
)
MINER = re.compile(
    r"\b(?:xmrig|xmr-stak|cpuminer|minerd|nbminer|t-rex|lolminer|phoenixminer|gminer|ethminer"
    r"|cgminer|bfgminer|teamredminer|srbminer|randomx|cryptonight|kawpow|--donate-level|--coin="
    r"|--rig-id)(?![\w.]{0,60}\.py\b)",
    re.IGNORECASE,
)
METADATA = re.compile(
    r"169\.254\.169\.254|169\.254\.170\.2\b|metadata\.google\.internal|fd00:ec2::254"
    r"|(?:0x)?a9fea9fe\b|\b2852039166\b|100\.100\.100\.200\b",
    re.IGNORECASE,
)
PERSISTENCE = re.compile(
    r"/etc/cron|/var/spool/cron|\bcrontab\b|\.config/systemd/user|/etc/systemd/system"
    r"|systemctl\s{1,20}(?:--user\s{1,20})?(?:enable|daemon-reload)|LaunchAgents|LaunchDaemons|launchctl"
    r"|(?:^|[/~\s'\"])\.(?:bashrc|zshrc|bash_profile|zprofile|profile|zshenv)\b"
    r"|\.config/autostart|CurrentVersion\\+Run\b|Start Menu\\+Programs\\+Startup"
    r"|\bschtasks\b|/etc/rc\.local|/etc/ld\.so\.preload",
)
SENDER = re.compile(
    r"(?:^|[\s;|&(/'\"`])(?:curl|wget|nc|ncat|Invoke-WebRequest|Invoke-RestMethod|iwr)(?:$|[\s'\"])",
    re.IGNORECASE,
)
_SHELL = r"(?:sudo\s{1,20})?(?:(?:ba|z|da|k)?sh|python3?|node|perl)\b"
_FETCH = re.compile(r"\b(?:curl|wget)\b", re.IGNORECASE)
_DECODE = re.compile(r"\bbase64\s{1,20}(?:-d|-D|--decode)\b")
_INTO_SHELL = re.compile(rf"\|\s{{0,20}}{_SHELL}")
_POWERSHELL_FETCH = re.compile(r"\b(?:iwr|irm|Invoke-WebRequest|DownloadString)\b", re.IGNORECASE)
_MADE_RUNNABLE = re.compile(
    r"(?:&&|;)\s{0,20}(?:sudo\s{1,20})?chmod\s{1,20}(?:\+x|[0-7]{0,4}[1357]\b)"
)
_SHELL_OF_FETCH = re.compile(r"\bsh\s{1,20}(?:-c\s{1,20})?[\"']?[<$]\(\s{0,20}(?:curl|wget)\b")
FAR_RIGHT = re.compile(r";[ \t\u00a0]{100,}[A-Za-z_(\[]")

_NAMED: Mapping[str, re.Pattern[str]] = {
    "stratum": STRATUM,
    "pool": POOL,
    "miner": MINER,
    "metadata": METADATA,
    "persistence": PERSISTENCE,
    "sender": SENDER,
    "fetch-and-run": _SHELL_OF_FETCH,
    "tls-off": re.compile(
        r"--no-check-certificate|NODE_TLS_REJECT_UNAUTHORIZED|rejectUnauthorized:\s{0,20}false"
    ),
}


def families(text: str) -> Iterator[str]:
    """Which families of credentials a text names a place of."""
    return (name for name, pattern in CREDENTIALS.items() if pattern.search(text))


# ---- code that does not parse, shell and JavaScript: what its words say it does

_WORDS: Mapping[str, re.Pattern[str]] = {
    "connects": re.compile(
        r"\burlopen\b|\burlretrieve\b|\brequests\.\w|\bhttpx\.\w|\bsocket\b|\bhttp\.client\b"
        r"|\bhttps?['\"]?\)?\.(?:request|get)\s{0,20}\(|\bfetch\s*\(|\baxios\b|\bXMLHttpRequest\b"
    ),
    "process": re.compile(
        r"\bsubprocess\b|\bos\.(?:system|popen|exec\w+|spawn\w+|startfile)\b|\bPopen\b"
        r"|\bchild_process\b|\bexecSync\b|\bspawn(?:Sync)?\s*\("
    ),
    "runs": re.compile(r"\b(?:exec|eval)\b\s*[(\"'`$]|\bnew\s+Function\s*\(|\bmarshal\.loads\b"),
    "reads": re.compile(
        r"\bopen\s*\(|\bread_(?:text|bytes)\b|\breadFile(?:Sync)?\b|\bglob\b|\bcat\s"
        r"|\bcopy(?:file|tree)?\b|\btar\s+-?c"
    ),
    "writes": re.compile(
        r"\bwrite(?:_text|_bytes|lines|File|FileSync)?\b|>>|\bappendFile|\btee\b|\bcrontab\s+-"
    ),
    "tls-off": re.compile(
        r"\bverify\s*=\s*False|\b_create_unverified_context\b|\bCERT_NONE\b|"
        r"\bcheck_hostname\s*=\s*False"
    ),
}
# a trait, and two words, the second at most so many characters after the first on the same line
_Pair = tuple[str, re.Pattern[str], re.Pattern[str], int]
_PAIRS: tuple[_Pair, ...] = (
    ("fetch-and-run", _FETCH, _INTO_SHELL, 2_000),
    ("fetch-and-run", _FETCH, _MADE_RUNNABLE, 2_000),
    ("fetch-and-run", re.compile(r"\b(?:iex|Invoke-Expression)\b", re.IGNORECASE),
     _POWERSHELL_FETCH, 400),
    ("fetch-and-run", _POWERSHELL_FETCH, re.compile(r"\|\s{0,20}iex\b", re.IGNORECASE), 400),
    ("encoded-shell", _DECODE, _INTO_SHELL, 200),
    ("encoded-shell", re.compile(r"\bpowershell\b", re.IGNORECASE),
     re.compile(r"\s-e(?:nc(?:odedcommand)?)?\s{1,20}[A-Za-z0-9+/=]{20}", re.IGNORECASE), 200),
    ("tls-off", re.compile(r"\bcurl\b"), re.compile(r"\s(?:-[a-zA-Z]{0,9}k|--insecure\b)"), 400),
)  # fmt: skip
_RUN = re.compile(r"\b(?:exec|eval|compile|Function|system|Popen|execSync)\b")
_DECODER = re.compile(
    r"\b(?:b64decode|b85decode|a85decode|decompress|unhexlify|fromhex|marshal\.loads"
    r"|atob\s{0,20}\()"
)
_BUFFER = re.compile(r"\bBuffer\.from\s{0,20}\(")
_BUFFER_ENCODING = re.compile(r",\s{0,20}['\"](?:base64|hex)['\"]")
_DOWNLOAD = re.compile(r"\b(?:urlopen|requests\.get|httpx\.get)\b")
_WORD_PAIRS: tuple[_Pair, ...] = (
    ("decoded-run", _RUN, _DECODER, 400),
    ("downloaded-run", re.compile(r"\b(?:exec|eval)\b"), _DOWNLOAD, 200),
)
_WHOLE_ENVIRONMENT = re.compile(
    r"\b(?:JSON\.stringify|dumps|urlencode|str|repr|dict)\s{0,20}\(\s{0,20}(?:dict\s{0,20}\()?"
    r"\s{0,20}(?:process\.env|os\.environ)(?:\.copy\(\)|\.items\(\))?\s{0,20}[),]"
    r"|\b(?:env|printenv|set)\s{0,20}\|\s{0,20}(?:curl|wget|nc|base64)\b"
)
_LINE = 100_000  # characters of one line that is matched at once
_STEP = _LINE - 5_000


def words(text: str) -> set[str]:
    """What the words of some code say that it does, by the names that a tree's look uses."""
    found = texts(text)
    for line in _pieces(text):
        found |= {trait for trait, pattern in _WORDS.items() if pattern.search(line)}
        found |= {
            t for t, first, second, most in _WORD_PAIRS if _follows(line, first, second, most)
        }
        if _WHOLE_ENVIRONMENT.search(line):
            found.add("environment-packed")
        if _BUFFER_ENCODING.search(line) and _follows(line, _RUN, _BUFFER, 400):
            found.add("decoded-run")
    return found


def texts(text: str) -> set[str]:
    """What one text names, as traits."""
    found: set[str] = set()
    for line in _pieces(text):
        found |= {f"place:{family}" for family in families(line)}
        found |= {trait for trait, pattern in _NAMED.items() if pattern.search(line)}
        found |= _pairs(line, _PAIRS)
    return found


def _pairs(line: str, pairs: tuple[_Pair, ...]) -> set[str]:
    return {trait for trait, one, other, most in pairs if _follows(line, one, other, most)}


def _follows(text: str, first: re.Pattern[str], second: re.Pattern[str], most: int) -> bool:
    """Whether a word comes at most so many characters after another one, in linear time.

    One pattern with a gap in it would look through the gap for each of its beginnings.
    """
    ends = [match.end() for match in first.finditer(text)]
    if not ends:
        return False
    for match in second.finditer(text):
        at = bisect.bisect_right(ends, match.start())
        if at and match.start() - ends[at - 1] <= most:
            return True
    return False


def _pieces(text: str) -> Iterator[str]:
    """The lines, and those that are long in pieces that overlap."""
    for line in text.split("\n"):
        if len(line) <= _LINE:
            yield line
        else:
            yield from (line[at : at + _LINE] for at in range(0, len(line), _STEP))
