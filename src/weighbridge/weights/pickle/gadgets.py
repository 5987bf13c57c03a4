"""Names that are known ways to run code, reach the system, files or the network from a pickle.

A name here covers everything below it: ``os`` is ``os.system`` and ``os.path.join``. Severity never
depends on this list alone: what is on neither list is reported too, one or two steps lower.
"""

from __future__ import annotations

# What loading would do -> names. Sources: CPython's library reference for each module;
# GHSA-g38g-8gr9-h9xp, GHSA-955r-x9j8-7rhh, GHSA-vvpj-8cmc-gx39, CVE-2025-1716, CVE-2026-56304,
# CVE-2026-22608, GHSA-wfq2-52f7-7qvj, GHSA-565g-hwwr-4pp3; "Hide and Seek" (arXiv 2508.19774).
_GADGETS: tuple[tuple[str, str], ...] = (
    ("runs a program or a shell command", """
     os posix nt subprocess _posixsubprocess _winapi pty commands popen2 platform.popen
     _osx_support _aix_support uuid._get_command_stdout uuid._popen mailcap webbrowser
     antigravity multiprocessing concurrent asyncio.subprocess asyncio.create_subprocess_exec
     asyncio.create_subprocess_shell pexpect sh plumbum fabric paramiko invoke venv ensurepip
     pip setuptools distutils numpy.distutils numpy.f2py nturl2path.url2pathname pipes
     torch.utils.cpp_extension torch.utils.collect_env torch._inductor
     torch.distributed.launcher
     """),
    ("runs Python code given as text or bytes", """
     builtins.eval builtins.exec builtins.compile builtins.execfile builtins.input
     builtins.breakpoint __builtin__ runpy code codeop pdb bdb trace profile cProfile timeit
     doctest idlelib lib2to3 test unittest pydoc marshal types.FunctionType types.CodeType
     types.LambdaType types.MethodType _xxsubinterpreters _testcapi numpy.testing
     numpy.lib.utils numpy.ma.testutils pandas.eval pandas.core.computation numexpr torch.jit
     torch._dynamo torch.fx.graph_module torch.ops torch.classes torch.package
     torch.utils.bottleneck torch.distributed.rpc IPython jinja2 mako sympy.sympify
     sympy.parsing sqlalchemy.util tensorflow.python.ops.script_ops
     """),
    ("loads another pickle or archive, which may run code", """
     pickle _pickle cPickle shelve dill cloudpickle joblib.load joblib.numpy_pickle.load
     torch.load torch.serialization.load torch.storage._load_from_bytes torch.hub
     torch.utils.model_zoo numpy.load numpy.lib.npyio numpy.lib._npyio_impl pandas.read_pickle
     pandas.io.pickle yaml jsonpickle keras.models.load_model keras.saving sklearn.externals
     transformers.dynamic_module_utils transformers.AutoModel huggingface_hub
     """),
    ("imports or finds modules by a name of the file's choosing", """
     importlib imp pkgutil zipimport zipapp modulefinder builtins.__import__ builtins.__loader__
     builtins.__build_class__ builtins.globals builtins.locals builtins.vars sys site sysconfig
     pkg_resources torch._utils._import_dotted_name
     """),
    ("reaches any attribute of any object, the first step to calling anything", """
     builtins.getattr builtins.setattr builtins.delattr builtins.type builtins.super
     builtins.property builtins.map builtins.filter operator _operator functools inspect gc
     types itertools.starmap _functools weakref ast.literal_eval ctypes _ctypes cffi
     numpy.ctypeslib
     """),
    ("opens a network connection", """
     socket _socket ssl _ssl http urllib urllib2 httplib ftplib smtplib poplib imaplib nntplib
     telnetlib xmlrpc socketserver smtpd wsgiref asyncio requests urllib3 httpx aiohttp ftplib
     torch.distributed select selectors
     """),
    ("reads, writes or deletes files", """
     builtins.open _io.open _io.open_code _io.FileIO io codecs shutil tempfile fileinput
     linecache glob tarfile zipfile gzip bz2 lzma sqlite3 dbm mmap logging numpy.memmap
     numpy.fromfile numpy.savetxt numpy.genfromtxt numpy.loadtxt numpy.core.memmap
     numpy._core.memmap numpy.DataSource pandas.io pandas.read_csv torch.save torch.from_file
     torch.UntypedStorage.from_file py_compile compileall netrc mailbox plistlib
     pathlib.Path.unlink
     """),
    ("changes the running process: signals, threads, exit hooks, the loader itself", """
     signal atexit faulthandler threading _thread resource copyreg.add_extension copyreg.pickle
     copyreg.constructor msvcrt winreg _winreg rlcompleter readline builtins.exit builtins.quit
     builtins.help tkinter turtle curses this
     """),
)  # fmt: skip

_EFFECTS: dict[str, str] = {
    name: effect for effect, names in reversed(_GADGETS) for name in names.split()
}

# Attribute names that hand over one of these modules through another (``random._os``), or that are
# the rungs of a climb to one.
_RUNG_NAMES = """
    os posix nt sys subprocess socket importlib builtins shutil runpy pty ctypes pickle marshal
    eval exec execfile compile system popen
"""
_RUNGS = frozenset(_RUNG_NAMES.split())

# Top-level modules of the standard library, CPython 3.8 to 3.14: weights need none of their
# functions beyond the list, so what is called from here is never merely "a class".
_STDLIB_MODULES = """
    abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit
    audioop base64 bdb binascii bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd
    code codecs codeop collections colorsys compileall compression concurrent configparser
    contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal
    difflib dis distutils doctest dummy_threading email encodings ensurepip enum errno
    faulthandler fcntl filecmp fileinput fnmatch formatter fractions ftplib functools gc
    genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http
    idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3
    linecache locale logging lzma macpath mailbox mailcap marshal math mimetypes mmap
    modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers
    opcode operator optparse os ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil
    platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr
    pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy
    sched secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket
    socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string
    stringprep struct subprocess sunau symbol symtable sys sysconfig syslog tabnanny tarfile
    telnetlib tempfile termios textwrap this threading time timeit tkinter token tokenize
    tomllib trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest
    urllib uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml
    xmlrpc zipapp zipfile zipimport zlib zoneinfo _codecs _collections _ctypes _functools _io
    _operator _socket _thread
"""
STDLIB = frozenset(_STDLIB_MODULES.split())


def gadget(module: str, name: str) -> str:
    """What a gadget does, empty where the name is not known as one.

    ``name`` may be dotted. Private twins of listed names count (``random._os``), and so does any
    dunder attribute: it is a rung of a climb, never data.
    """
    parts = f"{module}.{name}".split(".")
    for length in range(1, len(parts) + 1):
        effect = _EFFECTS.get(".".join(parts[:length]))
        if effect:
            return effect
    for part in name.split("."):
        if part.strip("_") in _RUNGS and module.partition(".")[0] != "torch":
            return "hands over a module or function that can do anything"
        if part.startswith("__") and part.endswith("__"):
            return "reaches a special attribute, the first step to calling anything"
    return ""
