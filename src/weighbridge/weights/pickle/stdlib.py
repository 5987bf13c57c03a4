"""Which modules are the standard library's, as opposed to a package of the user's with the same
first name: ``code`` is CPython's, ``code.model`` is not, for ``code`` has no submodules."""

from __future__ import annotations

# Top-level modules, CPython 3.8 to 3.14 (``sys.stdlib_module_names``).
_MODULES = """
    abc aifc annotationlib antigravity argparse array ast asynchat asyncore atexit
    audioop base64 bdb binascii bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd
    code codecs codeop colorsys compileall configparser
    contextlib contextvars copy copyreg crypt csv dataclasses datetime decimal
    difflib dis doctest dummy_threading enum errno
    faulthandler fcntl filecmp fileinput fnmatch formatter fractions ftplib functools gc
    genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac
    imaplib imghdr imp inspect io ipaddress itertools keyword
    linecache locale lzma macpath mailbox mailcap marshal math mimetypes mmap
    modulefinder msvcrt netrc nis nntplib nt ntpath nturl2path numbers
    opcode operator optparse ossaudiodev parser pdb pickle pickletools pipes pkgutil
    platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr
    pydoc pyexpat queue quopri random readline reprlib resource rlcompleter runpy
    sched secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket
    socketserver spwd sre_compile sre_constants sre_parse ssl stat statistics
    stringprep struct subprocess sunau symbol symtable sys syslog tabnanny tarfile
    telnetlib tempfile termios textwrap this threading time timeit token tokenize
    trace traceback tracemalloc tty turtle types typing unicodedata
    uu uuid warnings wave weakref webbrowser winreg winsound
    xdrlib zipapp zipimport zlib _codecs _collections _ctypes _functools _io
    _operator _socket _thread _posixsubprocess _pickle _winapi _osx_support _aix_support
    _compat_pickle _collections_abc _weakref _testcapi _ssl _sqlite3 _lsprof _imp _frozen_importlib
    _frozen_importlib_external _bootsubprocess _pyio _pydecimal _py_abc _datetime _json _struct
"""
# Those that have submodules.
_PACKAGES = """
    asyncio collections compression concurrent ctypes curses dbm distutils email encodings
    ensurepip html http idlelib importlib json lib2to3 logging msilib multiprocessing os pathlib
    profiling pydoc_data re sqlite3 string sysconfig test tkinter tomllib turtledemo unittest
    urllib venv wsgiref xml xmlrpc zipfile zoneinfo _pyrepl
"""
MODULES = frozenset(_MODULES.split())
PACKAGES = frozenset(_PACKAGES.split())

# ``test`` is a package name that people use: what CPython's own holds besides ``test_…``.
_TEST = frozenset(
    {"support", "libregrtest", "regrtest", "__main__", "autotest", "bisect_cmd", "pythoninfo"}
)

# Of modules whose names people give to their own: the classes that CPython's have. Any other name
# that reads as a class is not CPython's.
_OWN_CLASSES = {
    "code": frozenset({"InteractiveInterpreter", "InteractiveConsole", "Quitter"}),
    "profile": frozenset({"Profile", "_Utils"}),
    "test": frozenset[str](),
    "trace": frozenset({"Trace", "CoverageResults", "_Ignore"}),
}


def is_stdlib(module: str, name: str = "") -> bool:
    """Whether ``module`` is one of CPython's own; with ``name``, whether it can have that name."""
    top, dot, rest = module.partition(".")
    if top not in MODULES and top not in PACKAGES:
        return False
    if dot:
        if top == "test":
            second = rest.partition(".")[0]
            return second in _TEST or second.startswith("test_")
        return top in PACKAGES
    own = _OWN_CLASSES.get(top)
    bare = name.lstrip("_")
    reads_as_class = bare[:1].isupper() and not bare.isupper() and "." not in name
    return own is None or not reads_as_class or name in own
