"""Callables of the standard library that a pickle can turn against whoever loads it.

A line is module, name and arguments as Python writes them; ``{p}`` is a path below a folder that
does not exist. Names were gathered from CPython's library reference, from the advisories named in
``docs`` of each scanner (GHSA-g38g-8gr9-h9xp, GHSA-955r-x9j8-7rhh, GHSA-vvpj-8cmc-gx39,
CVE-2025-1716, CVE-2026-22608, CVE-2026-56304) and from "Hide and Seek" (arXiv 2508.19774).
"""

from __future__ import annotations

EXECUTION = """
os system 'echo inert'
os popen 'echo inert'
os execv '{p}', ['inert']
os execvp 'inert-program', ['inert']
os spawnl 0, '{p}', 'inert'
os spawnv 0, '{p}', ['inert']
os spawnvp 0, 'inert-program', ['inert']
os posix_spawn '{p}', ['inert'], {}
os startfile '{p}'
os fork
os kill 0, 0
os abort
os _exit 0
os putenv 'INERT', '1'
os dup2 0, 0
posix system 'echo inert'
posix execv '{p}', ['inert']
posix fork
nt system 'echo inert'
nt startfile '{p}'
subprocess Popen ['echo', 'inert']
subprocess run ['echo', 'inert']
subprocess call ['echo', 'inert']
subprocess check_call ['echo', 'inert']
subprocess check_output ['echo', 'inert']
subprocess getoutput 'echo inert'
subprocess getstatusoutput 'echo inert'
subprocess _args_from_interpreter_flags
_posixsubprocess fork_exec
pty spawn ['echo', 'inert']
pty fork
asyncio create_subprocess_shell 'echo inert'
asyncio.subprocess create_subprocess_exec 'echo', 'inert'
multiprocessing Process
multiprocessing.util spawnv_passfds '{p}', ['inert'], []
multiprocessing.popen_fork Popen
concurrent.futures ProcessPoolExecutor
commands getoutput 'echo inert'
popen2 popen2 'echo inert'
platform popen 'echo inert'
platform _syscmd_ver 'echo inert'
_osx_support _read_output 'echo inert'
_osx_support _find_build_tool 'echo inert'
_aix_support _read_cmd_output 'echo inert'
uuid _get_command_stdout 'echo', 'inert'
uuid _popen 'echo', 'inert'
imaplib IMAP4_stream 'echo inert'
mailcap findmatch {}, 'text/plain'
webbrowser open 'about:blank'
webbrowser get 'echo inert'
antigravity geohash 1.5, 1.5, b''
venv create '{p}'
ensurepip bootstrap
idlelib.run Executive
idlelib.autocomplete AutoComplete
lib2to3.pgen2.grammar Grammar
lib2to3.pgen2.pgen ParserGenerator '{p}'
pydoc pipepager 'inert', 'echo inert'
pydoc tempfilepager 'inert', 'echo inert'
pydoc locate 'os.system'
distutils.spawn spawn ['echo', 'inert']
distutils.file_util write_file '{p}', ['inert']
ctypes.util _findSoname_ldconfig 'inert'
ctypes.util find_library 'inert'
"""

CODE = """
builtins eval '1'
builtins exec 'pass'
builtins compile 'pass', 'inert', 'exec'
builtins __import__ 'os'
builtins getattr 'inert', 'upper'
builtins setattr 'inert', 'x', 1
builtins map 1, []
builtins filter 1, []
builtins globals
builtins breakpoint
builtins input 'inert'
builtins type 'Inert', (), {}
builtins open '{p}'
__builtin__ execfile '{p}'
__builtin__ apply 1
code InteractiveInterpreter
code interact 'inert'
codeop compile_command 'pass'
bdb Bdb
pdb run 'pass'
pdb runeval '1'
profile run 'pass'
profile Profile
cProfile run 'pass'
cProfile runctx 'pass', {}, {}
timeit timeit 'pass'
timeit Timer 'pass'
timeit main ['inert']
trace Trace
doctest debug_script 'pass'
doctest testsource 'inert', 'inert'
runpy run_path '{p}'
runpy run_module 'inert'
runpy _run_code 'pass', {}
test.support.script_helper assert_python_ok '-c', 'pass'
unittest.mock _importer 'os.system'
marshal loads b''
types FunctionType
types CodeType
dataclasses make_dataclass 'Inert', ['x']
typing get_type_hints 'inert'
_xxsubinterpreters run_string 0, 'pass'
ctypes CDLL '{p}'
ctypes.util test
cffi FFI
sqlite3 connect '{p}'
logging.config dictConfig {}
logging.config listen 0
logging.config fileConfig '{p}'
logging.config _resolve 'os.system'
"""

REACH = """
importlib import_module 'os'
importlib reload 'os'
importlib.util spec_from_file_location 'inert', '{p}'
importlib.machinery SourceFileLoader 'inert', '{p}'
imp load_source 'inert', '{p}'
imp load_dynamic 'inert', '{p}'
pkgutil resolve_name 'os:system'
zipimport zipimporter '{p}'
modulefinder ModuleFinder
site addsitedir '{p}'
site execsitecustomize
sys setprofile
sys settrace
sys exit 0
operator attrgetter 'system'
operator methodcaller 'system', 'echo inert'
operator itemgetter 0
_operator attrgetter 'system'
functools partial 1
functools reduce 1, []
itertools starmap 1, []
inspect getattr_static 'inert', 'x'
gc get_objects
weakref finalize 1, 1
copyreg add_extension 'os', 'system', 1
copyreg pickle 1, 1
pickle loads b''
pickle load 'inert'
pickle Unpickler 'inert'
_pickle loads b''
cPickle loads b''
shelve open '{p}'
"""

SYSTEM = """
io open '{p}'
_io open '{p}'
_io FileIO '{p}'
io open_code '{p}'
codecs open '{p}'
pathlib Path.write_text '{p}', 'inert'
shutil rmtree '{p}'
shutil copyfile '{p}', '{p}'
shutil unpack_archive '{p}'
tempfile mktemp
tempfile NamedTemporaryFile
fileinput FileInput ['{p}']
linecache getline '{p}', 1
glob glob '{p}/*'
tarfile open '{p}'
zipfile ZipFile '{p}'
zipfile main ['-l', '{p}']
gzip open '{p}'
bz2 open '{p}'
lzma open '{p}'
dbm open '{p}'
dbm.dumb open '{p}'
mmap mmap -1, 1
netrc netrc '{p}'
mailbox mbox '{p}'
plistlib load '{p}'
py_compile compile '{p}'
compileall compile_dir '{p}'
logging FileHandler '{p}'
logging.handlers RotatingFileHandler '{p}'
wave open '{p}'
xml.etree.ElementTree parse '{p}'
xml.dom.minidom parse '{p}'
socket create_connection ('127.0.0.1', 9)
socket socket
socket getaddrinfo 'localhost', 9
ssl get_server_certificate ('127.0.0.1', 9)
http.client HTTPConnection '127.0.0.1'
http.client HTTPSConnection '127.0.0.1'
urllib.request urlopen 'http://127.0.0.1:9/'
urllib.request urlretrieve 'http://127.0.0.1:9/', '{p}'
urllib2 urlopen 'http://127.0.0.1:9/'
ftplib FTP '127.0.0.1'
smtplib SMTP '127.0.0.1'
poplib POP3 '127.0.0.1'
telnetlib Telnet '127.0.0.1'
imaplib IMAP4 '127.0.0.1'
xmlrpc.client ServerProxy 'http://127.0.0.1:9/'
socketserver TCPServer ('127.0.0.1', 0)
wsgiref.simple_server make_server '127.0.0.1', 0
asyncio open_connection '127.0.0.1', 9
signal signal 14, 1
signal alarm 1
atexit register 1
faulthandler dump_traceback
faulthandler _sigsegv
threading Thread
_thread start_new_thread 1, ()
resource setrlimit 0, (0, 0)
time sleep 0
winreg OpenKey 0, 'inert'
msvcrt ungetch b'x'
tkinter Tk
curses initscr
"""
