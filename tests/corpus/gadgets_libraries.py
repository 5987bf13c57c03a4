"""Callables of third-party libraries that a pickle can turn against whoever loads it.

Lines as in ``gadgets_stdlib``. From the libraries' public documentation and sources, and from the
gadget advisories of the known scanners.
"""

from __future__ import annotations

TORCH = """
torch load '{p}'
torch save 1, '{p}'
torch from_file '{p}'
torch.serialization load '{p}'
torch.storage _load_from_bytes b''
torch.hub load 'inert/inert', 'inert'
torch.hub load_state_dict_from_url 'http://127.0.0.1:9/'
torch.hub download_url_to_file 'http://127.0.0.1:9/', '{p}'
torch.utils.model_zoo load_url 'http://127.0.0.1:9/'
torch.jit load '{p}'
torch.jit.unsupported_tensor_ops execWrapper 'pass', {}, {}
torch._dynamo.guards GuardBuilder.get 'inert'
torch.utils.collect_env run 'echo inert'
torch.utils.collect_env run_and_read_all 1, 'echo inert'
torch.utils.bottleneck.__main__ run_cprofile 'pass', {}
torch.utils.bottleneck.__main__ run_autograd_prof 'pass', {}
torch.utils.cpp_extension load 'inert', ['{p}']
torch.utils.cpp_extension load_inline 'inert', ''
torch.utils.data.datapipes.utils.decoder basichandlers 'pt', b''
torch.utils._config_module ConfigModule.load_config b''
torch.fx.experimental.symbolic_shapes ShapeEnv.evaluate_guards_expression '1', []
torch.fx.graph_module _forward_from_src 'pass', {}
torch.fx.graph_module reduce_graph_module {}, 'pass'
torch.package PackageImporter '{p}'
torch.ops load_library '{p}'
torch.classes load_library '{p}'
torch.distributed.rpc rpc_sync 'inert', 1
torch.distributed init_process_group 'gloo'
torch.distributed.elastic.multiprocessing start_processes 'inert'
torch.multiprocessing spawn 1
torch._inductor.codecache compile_file '{p}', '{p}', 'echo inert'
torch._utils _import_dotted_name 'os.system'
torch.onnx export 1, (), '{p}'
torchvision.datasets.utils download_url 'http://127.0.0.1:9/', '{p}'
torchvision.datasets.utils extract_archive '{p}'
"""

ARRAYS = """
numpy load '{p}'
numpy save '{p}', 1
numpy fromfile '{p}'
numpy memmap '{p}'
numpy savetxt '{p}', []
numpy loadtxt '{p}'
numpy genfromtxt '{p}'
numpy DataSource '{p}'
numpy.f2py compile 'end'
numpy.f2py.crackfortran getlincoef '1', {}
numpy.f2py.crackfortran _eval_length '1', {}
numpy.f2py.crackfortran param_eval '1', {}, {}
numpy.f2py.crackfortran myeval '1'
numpy.testing._private.utils runstring 'pass', {}
numpy.testing measure 'pass'
numpy.distutils.exec_command exec_command 'echo inert'
numpy.ctypeslib load_library 'inert', '{p}'
numpy.lib.npyio NpzFile '{p}'
numpy.ma.testutils assert_equal 1, 1
pandas eval '1'
pandas read_pickle '{p}'
pandas read_csv '{p}'
pandas read_sql 'select 1', 'sqlite://'
pandas.core.computation.eval eval '1'
pandas.io.common get_handle '{p}', 'r'
pandas.io.pickle read_pickle '{p}'
scipy.io loadmat '{p}'
scipy.io.matlab loadmat '{p}'
sklearn.datasets fetch_openml 'inert'
sklearn.datasets load_svmlight_file '{p}'
sklearn.utils._testing assert_run_python_script_without_output 'pass'
joblib load '{p}'
joblib.numpy_pickle load '{p}'
joblib.memory Memory '{p}'
joblib.parallel Parallel
numexpr evaluate '1'
sympy sympify '1'
sympy.parsing.sympy_parser parse_expr '1'
dill loads b''
dill._dill _create_function 1
cloudpickle loads b''
cloudpickle.cloudpickle _make_function 1
cloudpickle.cloudpickle subimport 'os'
jsonpickle decode '{}'
yaml unsafe_load ''
yaml load ''
"""

OTHERS = """
pip main ['--version']
pip._internal main ['--version']
pip._internal.cli.main main ['--version']
setuptools sandbox.run_setup '{p}', []
pkg_resources run_script 'inert', 'inert'
IPython.core.interactiveshell InteractiveShell.run_cell 'pass'
IPython.utils.process system 'echo inert'
IPython start_ipython []
ipykernel.kernelapp launch_new_instance
jinja2 Template '{{ 1 }}'
mako.template Template '${1}'
requests get 'http://127.0.0.1:9/'
requests.api post 'http://127.0.0.1:9/'
urllib3 PoolManager
httpx get 'http://127.0.0.1:9/'
aiohttp ClientSession
paramiko SSHClient
fabric Connection '127.0.0.1'
invoke run 'echo inert'
pexpect spawn 'echo inert'
sh Command 'inert'
plumbum local.cmd 'inert'
boto3 client 's3'
huggingface_hub hf_hub_download 'inert/inert', 'inert'
huggingface_hub snapshot_download 'inert/inert'
transformers pipeline 'inert'
transformers AutoModel.from_pretrained 'inert/inert'
transformers.dynamic_module_utils get_class_from_dynamic_module 'inert.Inert', '{p}'
transformers.utils.hub cached_file '{p}', 'inert'
datasets load_dataset '{p}'
keras.models load_model '{p}'
keras.utils get_file 'inert', 'http://127.0.0.1:9/'
keras.saving load_model '{p}'
tensorflow load_library '{p}'
tensorflow load_op_library '{p}'
tensorflow.io read_file '{p}'
tensorflow.io write_file '{p}', 'inert'
tensorflow.keras.models load_model '{p}'
tensorflow.python.ops.script_ops py_func 1
onnx load '{p}'
onnxruntime InferenceSession '{p}'
xgboost Booster {}, (), '{p}'
lightgbm Booster {}, None, '{p}'
catboost CatBoost.load_model '{p}'
mlflow.pyfunc load_model '{p}'
gradio load 'inert'
sqlalchemy create_engine 'sqlite://'
django.core.management call_command 'check'
flask Flask 'inert'
twisted.internet.reactor run
lxml.etree parse '{p}'
docker from_env
psutil Process 0
"""
