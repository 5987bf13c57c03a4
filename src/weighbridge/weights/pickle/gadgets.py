"""Names that are known ways to run code, reach the system, files or the network from a pickle.

A name here covers everything below it: ``os`` is ``os.system`` and ``os.path.join``. Severity never
depends on this list alone: what is on neither list is reported too, one or two steps lower.
"""

from __future__ import annotations

from weighbridge.weights.pickle.stdlib import MODULES, PACKAGES, is_stdlib

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
     torch.distributed.launcher torch.distributed.elastic torch.multiprocessing torch.hub
     psutil git.Repo git.repo git.cmd docker.from_env docker.client dask.delayed ray.remote
     ray.init joblib.parallel joblib.externals joblib.pool loky
     """),
    ("runs Python code given as text or bytes", """
     builtins.eval builtins.exec builtins.compile builtins.execfile builtins.input
     builtins.breakpoint __builtin__ runpy code codeop pdb bdb trace profile cProfile timeit
     doctest idlelib lib2to3 test unittest pydoc marshal types.FunctionType types.CodeType
     types.LambdaType types.MethodType _xxsubinterpreters _testcapi numpy.testing
     numpy.lib.utils numpy.ma.testutils pandas.eval pandas.core.computation numexpr torch.jit
     torch._dynamo torch.fx.graph_module torch.ops torch.classes torch.package
     torch.utils.bottleneck torch.distributed.rpc IPython jinja2 mako sympy.sympify
     sympy.parsing sqlalchemy.util tensorflow.python.ops.script_ops torch.fx torch.onnx
     torch.utils.data.datapipes torch.utils._config_module torch.export torch.library torch._ops
     scipy.stats._distn_infrastructure scipy.stats._continuous_distns
     scipy.stats._discrete_distns patsy formulaic statsmodels.formula
     pandas.DataFrame.eval pandas.DataFrame.query pandas.core.frame.DataFrame.eval cython
     pyximport numba cppyy tensorflow.numpy_function tensorflow.py_function hydra.utils
     hydra._internal
     """),
    ("loads another pickle or archive, which may run code", """
     pickle _pickle cPickle shelve dill cloudpickle joblib.load joblib.numpy_pickle.load
     torch.load torch.serialization.load torch.storage._load_from_bytes torch.hub
     torch.utils.model_zoo numpy.load numpy.lib.npyio numpy.lib._npyio_impl pandas.read_pickle
     pandas.io.pickle yaml jsonpickle keras.models.load_model keras.saving sklearn.externals
     transformers.dynamic_module_utils transformers.AutoModel huggingface_hub
     joblib.memory joblib.numpy_pickle_utils joblib.Memory keras.src.saving statsmodels.iolib
     numpy.compat numpy.lib.format skops.io mlflow.pyfunc mlflow.artifacts datasets.load_dataset
     datasets.load_from_disk tensorflow.saved_model
     tensorflow.keras.models transformers.pipeline transformers.pipelines spacy.load nltk.data
     gensim.utils torch.utils.serialization onnxruntime xgboost.Booster lightgbm.Booster
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
     torch.distributed select selectors boto3 botocore s3fs gcsfs fsspec torchvision.datasets
     torchaudio.utils sklearn.datasets scipy.datasets nltk.download paramiko websocket pika
     flask.Flask flask.app
     tensorflow.keras.utils.get_file keras.utils.get_file
     """),
    ("reads, writes or deletes files", """
     builtins.open _io.open _io.open_code _io.FileIO io codecs shutil tempfile fileinput
     linecache glob tarfile zipfile gzip bz2 lzma sqlite3 dbm mmap logging numpy.memmap
     numpy.fromfile numpy.savetxt numpy.genfromtxt numpy.loadtxt numpy.core.memmap
     numpy._core.memmap numpy.DataSource pandas.io pandas.read_csv torch.save torch.from_file
     torch.UntypedStorage.from_file py_compile compileall netrc mailbox plistlib
     pathlib.Path.unlink numpy.save numpy.savez numpy.savez_compressed numpy.DataSource
     numpy.lib._datasource numpy.lib.npyio numpy.open_memmap numpy.core.records.fromfile
     numpy.rec.fromfile scipy.io joblib.dump joblib.numpy_pickle.dump pandas.ExcelWriter
     pandas.HDFStore pandas.ExcelFile pandas.read_table pandas.read_fwf pandas.read_excel
     pandas.read_json pandas.read_html pandas.read_xml pandas.read_hdf pandas.read_feather
     pandas.read_parquet pandas.read_orc pandas.read_sas pandas.read_spss pandas.read_stata
     pandas.read_sql pandas.read_gbq pandas.read_clipboard PIL.Image.open cv2.imread cv2.imwrite
     matplotlib.image matplotlib.pyplot h5py.File h5py._hl.files tensorflow.io imageio
     tables.open_file pyarrow.parquet pyarrow.fs polars.read_csv
     PIL.ImageFile lightgbm.basic.Dataset xgboost.core.DMatrix xgboost.DMatrix torchvision.io
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
    eval exec execfile compile system popen Popen Unpickler urlopen urlretrieve getattr __import__
"""
_RUNGS = frozenset(_RUNG_NAMES.split())


def is_rung(part: str) -> bool:
    """Whether an attribute of that name hands over a module, or a function that does anything."""
    return part.strip("_") in _RUNGS or (part.startswith("__") and part.endswith("__"))


def gadget(module: str, name: str) -> str:
    """What a gadget does, empty where the name is not known as one.

    ``name`` may be dotted. Private twins of listed names count (``random._os``), and so does any
    dunder attribute: it is a rung of a climb, never data.
    """
    top = module.partition(".")[0]
    parts = f"{module}.{name}".split(".")
    shadowed = (top in MODULES or top in PACKAGES) and not is_stdlib(module, name)
    for length in range(1, len(parts) + 1):
        effect = "" if shadowed else _EFFECTS.get(".".join(parts[:length]))
        if effect:
            return effect
    for part in name.split("."):
        if part.strip("_") in _RUNGS and top != "torch":
            return "hands over a module or function that can do anything"
        if part.startswith("__") and part.endswith("__"):
            return "reaches a special attribute, the first step to calling anything"
    return ""
