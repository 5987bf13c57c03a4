"""Credentials of every form, made anew for each run and assembled from pieces.

No file of this repository holds one, so no scanner calls it leaky; and what is made has its
checksum, as the real ones have. Nothing here opens anything anywhere.
"""

from __future__ import annotations

import base64
import json
import random
import string
import zlib

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
URL = BASE62 + "-_"
HEX = "0123456789abcdef"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


class Maker:
    """Makes values out of one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def of(self, alphabet: str, count: int) -> str:
        """A random word that is no placeholder by chance."""
        return "".join(self.random.choice(alphabet) for _ in range(count))

    def word(self, count: int) -> str:
        """Letters and digits, a letter at both ends."""
        return f"k{self.of(BASE62, count - 2)}Z"

    def crc(self, prefix: str) -> str:
        """GitHub's and npm's form: 30 characters and their CRC-32 in base 62."""
        body = self.of(BASE62, 30)
        number, digits = zlib.crc32(body.encode()), ""
        for _ in range(6):
            number, rest = divmod(number, 62)
            digits = BASE62[rest] + digits
        return f"{prefix}_{body}{digits}"

    def age(self) -> str:
        """A secret key of age: bech32 with its checksum."""
        prefix = "age-secret" + "-key-"
        data = [self.random.randrange(32) for _ in range(51)] + [self.random.randrange(2) << 4]
        values = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + data
        check = _polymod([*values, 0, 0, 0, 0, 0, 0]) ^ 1
        data += [check >> 5 * (5 - i) & 31 for i in range(6)]
        return (prefix + "1" + "".join(BECH32[d] for d in data)).upper()

    def macaroon(self) -> str:
        """An upload token: format 2, a location, an identifier, a signature."""
        host = b"index.invalid"
        raw = b"\x02\x01" + bytes([len(host)]) + host + b"\x02\x24" + self.random.randbytes(110)
        return "pypi" + "-" + base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def jwt(self) -> str:
        """A token with a header, a payload and a signature."""
        parts = [
            {"alg": "HS" + "256", "typ": "JWT"},
            {"sub": self.of(HEX, 12), "exp": 1_900_000_000},
        ]
        texts = [
            base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts
        ]
        return ".".join([*texts, self.of(URL, 43)])

    def discord(self) -> str:
        """A bot's token: a number in base 64, a time, a code."""
        number = str(self.random.randrange(10**17, 10**18))
        return ".".join(
            [base64.b64encode(number.encode()).decode().rstrip("="), self.of(URL, 6),
             self.of(URL, 37) + "x"]
        )  # fmt: skip

    def base64(self, count: int) -> str:
        """So many random bytes in base 64."""
        return base64.b64encode(self.random.randbytes(count)).decode()

    def pem(self, label: str, start: bytes = b"\x30\x82\x04\xbd") -> str:
        """A private key's armor around random bytes."""
        text = base64.b64encode(start + self.random.randbytes(600)).decode()
        lines = "\n".join(text[i : i + 64] for i in range(0, len(text), 64))
        armor = "-" * 5
        return f"{armor}BEGIN {label}{armor}\n{lines}\n{armor}END {label}{armor}\n"


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(
            (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
        ):
            if top >> bit & 1:
                check ^= generator
    return check


def tokens(make: Maker) -> list[tuple[str, str]]:
    """Values that begin with what their provider alone uses, with the pattern that should tell."""
    u, b, h = URL, BASE62, HEX
    return [
        *(("github-token", make.crc(f"gh{kind}")) for kind in "pousr"),
        ("github-fine-grained-token", f"github{'_pat_'}{make.of(b, 22)}_{make.of(b, 59)}"),
        ("npm-token", make.crc("npm")),
        ("pypi-token", make.macaroon()),
        ("hugging-face-token", "h" + f"f_{make.of(string.ascii_letters, 34)}"),
        ("hugging-face-organization-token", "api_" + f"org_{make.of(string.ascii_letters, 34)}"),
        ("anthropic-key", "sk-" + f"ant-api03-{make.of(u, 93)}AA"),
        ("openai-key", "sk-" + f"proj-{make.of(u, 74)}T3Blbk" + f"FJ{make.of(u, 73)}x"),
        ("openai-key", "sk-" + f"{make.of(b, 20)}T3Blbk" + f"FJ{make.of(b, 20)}"),
        ("xai-key", "xa" + f"i-{make.of(b, 80)}"),
        ("openrouter-key", "sk-" + f"or-v1-{make.of(h, 64)}"),
        ("groq-key", "gs" + f"k_{make.of(b, 52)}"),
        ("nvidia-key", "nv" + f"api-{make.of(u, 63)}x"),
        ("replicate-token", "r" + f"8_{make.of(b, 37)}"),
        ("wandb-key", "wandb" + f"_v1_{make.of(b, 77)}"),
        ("aws-access-key", "AK" + f"IA{make.of(string.ascii_uppercase + '234567', 16)}"),
        ("aws-access-key", "AS" + f"IA{make.of(string.ascii_uppercase + '234567', 16)}"),
        ("google-api-key", "AI" + f"za{make.of(u, 34)}x"),
        ("google-oauth-secret", "GOC" + f"SPX-{make.of(u, 27)}x"),
        ("slack-token", "xox" + f"b-1{make.of(h[:10], 10)}-12{make.of(h[:10], 9)}-{make.word(24)}"),
        ("stripe-key", "sk_" + f"live_{make.of(b, 24)}"),
        ("stripe-key", "rk_" + f"live_{make.of(b, 99)}"),
        ("gitlab-token", "gl" + f"pat-{make.of(u, 19)}x"),
        ("gitlab-token", "gl" + f"pat-{make.of(u, 27)}.01.{make.of(h, 9)}"),
        ("twilio-key", "S" + f"K{make.of(h, 32)}"),
        ("sendgrid-key", "S" + f"G.{make.of(u, 22)}.{make.of(u, 42)}x"),
        ("telegram-token", f"{make.of('123456789', 10)}:A" + f"A{make.of(u, 32)}x"),
        ("databricks-token", "da" + f"pi{make.of(h, 32)}"),
        ("digitalocean-token", "dop" + f"_v1_{make.of(h, 64)}"),
        ("cloudflare-token", "cf" + f"ut_{make.of(b, 40)}{make.of(h, 8)}"),
        ("vault-token", "hv" + f"s.{make.of(u, 94)}x"),
        ("pulumi-token", "pu" + f"l-{make.of(h, 40)}"),
        ("terraform-cloud-token", f"{make.of(b, 14)}.atlas" + f"v1.{make.of(b, 67)}"),
        ("shopify-token", "shp" + f"at_{make.of(h, 32)}"),
        ("square-token", "sq0" + f"atp-{make.of(u, 21)}x"),
        ("postman-key", "PM" + f"AK-{make.of(h, 24)}-{make.of(h, 34)}"),
        ("linear-key", "lin" + f"_api_{make.of(b, 40)}"),
        ("docker-token", "dckr" + f"_pat_{make.of(u, 26)}x"),
        ("age-key", make.age()),
        ("json-web-token", make.jwt()),
    ]  # fmt: skip


def in_words(make: Maker) -> list[tuple[str, str, str]]:
    """Pattern, the line that holds the value, and the value: those that need words around."""
    secret, hexa = make.of(BASE62 + "/+", 40), make.of(HEX, 40)
    cohere, mail, cloud = make.of(BASE62, 40), make.of(HEX, 32), make.of(URL, 40)
    key, bot, webhook = make.base64(64), make.discord(), make.of(BASE62, 24)
    hook = f"1{make.of(HEX[:10], 17)}/{make.of(URL, 68)}"
    sas = make.base64(32).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    word, chosen, in_url = make.word(24), f"Tr4ck{make.of(BASE62, 5)}!q", f"p9{make.of(BASE62, 12)}"
    return [
        ("aws-secret-key", f"aws_secret_access_key = {secret}", secret),
        ("wandb-key", f"WANDB_API_KEY={hexa}", hexa),
        ("cohere-key", f'cohere.Client("{cohere}")', cohere),
        ("mailgun-key", 'MAILGUN_KEY = "key' + f'-{mail}"', f"key-{mail}"),
        ("cloudflare-key", f"CLOUDFLARE_API_TOKEN: {cloud}", cloud),
        ("azure-storage-key", "AccountName=harbor;Account" + f"Key={key};Endpoint=x", key),
        ("azure-sas", "https://h.blob.invalid/c?sv=2024-11-04&se=2027&si" + f"g={sas}", sas),
        ("discord-token", f'client.run("{bot}")', bot),
        ("slack-webhook", "https://hooks.slack.com" + f"/services/T0AB12CD3/B0AB12CD3/{webhook}",
         webhook),
        ("discord-webhook", "https://d.invalid/api/web" + f"hooks/{hook}", hook),
        ("address-password", f"postgres://harbor:{in_url}@db.invalid:5432/x", in_url),
        ("assigned-secret", f'client_secret = "{word}"', word),
        ("assigned-secret", f'password: "{chosen}"', chosen),
    ]  # fmt: skip


def keys(make: Maker) -> list[tuple[str, str]]:
    """Private keys in their armor."""
    return [
        ("private-key", make.pem("PRIVATE" + " KEY")),
        ("private-key", make.pem("RSA PRIVATE" + " KEY")),
        ("private-key", make.pem("OPENSSH PRIVATE" + " KEY", b"openssh-key-v1\0" + bytes(24))),
        ("encrypted-private-key", make.pem("ENCRYPTED PRIVATE" + " KEY")),
    ]
