"""The words of Jinja that a chat template may use, and the names that lead out of one."""

from __future__ import annotations

# Jinja's documentation, "List of Builtin Filters", without ``attr``; ``tojson`` as transformers
# replaces it; the last line: Mistral's and llama.cpp's engines.
_FILTERS_TEXT = """
    abs batch capitalize center count d default dictsort e escape filesizeformat first float
    forceescape format groupby indent int items join last length list lower map max min pprint
    random reject rejectattr replace reverse round safe select selectattr slice sort string
    striptags sum title tojson trim truncate unique upper urlencode urlize wordcount wordwrap
    xmlattr
    strip lstrip rstrip split startswith endswith keys values from_json fromjson to_json json
"""
FILTERS = frozenset(_FILTERS_TEXT.split())

# "List of Builtin Tests".
_TESTS_TEXT = """
    boolean callable defined divisibleby eq equalto even escaped false filter float ge gt
    greaterthan in integer iterable le lessthan lower lt mapping ne none number odd sameas
    sequence string test true undefined upper == != < <= > >=
"""
TESTS = frozenset(_TESTS_TEXT.split())

# "List of Global Functions" without ``lipsum``, and what transformers adds.
_FUNCTIONS_TEXT = """
    range dict namespace cycler joiner raise_exception strftime_now caller super loop varargs
    kwargs self
"""
FUNCTIONS = frozenset(_FUNCTIONS_TEXT.split())

# What Flask hands to every template it renders ("Standard Context"): its settings and secrets. A
# chat template that asks for them is written for somebody's web application.
WEB_NAMES = frozenset({"config", "request", "session", "url_for", "get_flashed_messages"})

# Public methods of str, list, dict, set, tuple and numbers (CPython's library reference), and of
# dates and of Jinja's loops.
_METHODS_TEXT = """
    capitalize casefold center count encode decode endswith expandtabs find format index isalnum
    isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle
    isupper join ljust lower lstrip maketrans partition removeprefix removesuffix replace rfind
    rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title
    translate upper zfill
    append clear copy extend insert pop remove reverse sort
    fromkeys get items keys popitem setdefault update values
    add difference discard intersection isdisjoint issubset issuperset symmetric_difference union
    bit_length conjugate is_integer hex
    strftime isoformat timestamp
    cycle changed next reset current
"""
METHODS = frozenset(_METHODS_TEXT.split())

# Attributes that hand over the interpreter: Python's data model, and those that Jinja's sandbox
# keeps from templates (jinja2/sandbox.py).
_RUNGS_TEXT = """
    __class__ __mro__ __base__ __bases__ __subclasses__ __globals__ __builtins__ __import__
    __init__ __new__ __del__ __dict__ __getattribute__ __getattr__ __setattr__ __delattr__
    __code__ __closure__ __defaults__ __kwdefaults__ __func__ __self__ __wrapped__ __module__
    __loader__ __spec__ __file__ __path__ __package__ __reduce__ __reduce_ex__ __call__
    __getstate__ __setstate__ __init_subclass__ __subclasshook__ __subclasscheck__
    __instancecheck__ __class_getitem__ __weakref__ __objclass__ __qualname__ __annotations__
    __getitem__ __enter__ __exit__ __format__ __sizeof__ __prepare__ __build_class__ __debug__
    mro func_globals func_code func_closure func_defaults im_func im_self im_class
    gi_frame gi_code gi_yieldfrom cr_frame cr_code ag_frame ag_code f_globals f_locals f_builtins
    f_code f_back f_trace tb_frame tb_next co_code
    _TemplateReference__context _module_finder _load_form_data
"""
RUNGS = frozenset(_RUNGS_TEXT.split())

# Functions that a climb ends at.
_SHELLS_TEXT = """
    eval exec execfile compile system popen popen2 popen3 popen4 spawn Popen check_output
    check_call getoutput getstatusoutput open input getattr setattr vars globals locals
    import_module load_module exec_module import_string
"""
SHELLS = frozenset(_SHELLS_TEXT.split())
