"""What calls do, by their dotted name or their method: tables for the look at start-up code.

Source: the documentation of Python's standard library, and of the HTTP clients that are common.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PROCESS = re.compile(
    r"(?:subprocess\.(?:run|Popen|call|check_call|check_output|getoutput|getstatusoutput)"
    r"|os\.(?:system|popen|startfile|exec[lv]p?e?|spawn[lv]p?e?|posix_spawnp?)|pty\.spawn"
    r"|asyncio\.create_subprocess_(?:exec|shell)|_posixsubprocess\.fork_exec)\Z"
)
CONNECTS = re.compile(
    r"(?:urllib\.request\.(?:urlopen|urlretrieve|Request|build_opener|URLopener)"
    r"|urllib\d?\.(?:urlopen|urlretrieve|PoolManager|request)"
    r"|requests\.(?:get|post|put|patch|request|Session|session|head)"
    r"|httpx\.(?:get|post|put|patch|request|Client|AsyncClient|stream)|aiohttp\.\w+"
    r"|http\.client\.HTTPS?Connection|socket\.(?:socket|create_connection|gethostbyname)"
    r"|smtplib\.SMTP\w*|ftplib\.FTP\w*|websockets?\.\w+|paramiko\.\w+|asyncio\.open_connection"
    r"|pycurl\.Curl|telnetlib\.Telnet|xmlrpc\.client\.ServerProxy)\Z"
)
RUNS = re.compile(
    r"(?:builtins\.(?:exec|eval|compile)|types\.(?:CodeType|FunctionType)|runpy\.run_\w+"
    r"|ctypes\.(?:CDLL|cdll\.LoadLibrary|WinDLL|windll\.LoadLibrary)|os\.memfd_create)\Z"
)
DECODES = re.compile(
    r"(?:base64\.\w*decode\w*|binascii\.(?:a2b_\w+|unhexlify)|(?:zlib|bz2|lzma|gzip)\.decompress"
    r"|codecs\.decode|builtins\.bytes\.fromhex|builtins\.bytearray\.fromhex|marshal\.loads?)\Z"
)
DECODES_METHOD = frozenset({"b64decode", "b85decode", "a85decode", "b32decode", "decompress",
                             "fromhex", "unhexlify", "decrypt"})  # fmt: skip
DOWNLOADS = re.compile(
    r"(?:urllib\.request\.urlopen|urllib\d?\.(?:urlopen|request)|requests\.(?:get|post|request)"
    r"|httpx\.(?:get|post|request|stream)|http\.client\.HTTPS?Connection|socket\.socket"
    r"|socket\.create_connection|aiohttp\.\w+)\Z"
)
DOWNLOADS_METHOD = frozenset({"recv", "urlopen", "getresponse"})
SENDS_METHOD = frozenset({"post", "put", "patch", "send", "sendall", "sendto", "request",
                           "urlopen", "sendmail", "storbinary", "send_message"})  # fmt: skip
READS = re.compile(
    r"(?:builtins\.open|io\.open|os\.(?:open|walk|scandir|listdir)|glob\.i?glob|sqlite3\.connect"
    r"|shutil\.(?:copy\w*|make_archive)|zipfile\.ZipFile|tarfile\.open)\Z"
)
READS_METHOD = frozenset({"read_text", "read_bytes", "glob", "rglob", "iterdir", "open"})
WRITES_METHOD = frozenset({"write", "writelines", "write_text", "write_bytes", "writestr"})
ENVIRONS = frozenset({"os.environ", "os.environb"})
ONE_VARIABLE = frozenset({"get", "setdefault", "pop", "update", "__contains__", "__getitem__",
                           "clear", "keys"})  # fmt: skip
INTERPRETERS = re.compile(
    r"(?:.*[/\\])?(?:python[\d.]*|(?:ba|z|da)?sh|node|bun|perl|ruby|powershell|pwsh|cmd|sudo|nohup"
    r"|chmod|open|start|wscript|rundll32)(?:\.exe)?\Z"
)
# a line for the shell that unpacks, copies or removes, and does no more
HANDLES = re.compile(r"(?:tar|unzip|gunzip|gzip|7z|cp|mv|rm|cat|ls|patch|git)\s[^;&|]*\Z")
OWN_WAY_IN = frozenset({"headers", "auth", "cert", "verify", "env", "cookies"})
# what turns the verification of a server's certificate off where it is False
VERIFIES = frozenset({"verify", "check_hostname", "verify_ssl"})
DOES: Mapping[str, re.Pattern[str]] = {
    "process": PROCESS,
    "connects": CONNECTS,
    "runs": RUNS,
    "reads": READS,
}
