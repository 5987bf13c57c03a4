# ruff: noqa: E501 - a template reads best in the lines its family writes
"""Templates as the families of chat models have them, in words of our own: nothing to report."""

from __future__ import annotations

import pytest

from weighbridge.weights.log import Log
from weighbridge.weights.templates import inspect_template

CHATML = """{%- for message in messages -%}
{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] | trim + '<|im_end|>\\n' }}
{%- endfor -%}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"""
LLAMA2 = """{% if messages[0]['role'] == 'system' %}{% set rest = messages[1:] %}
{% set system = messages[0]['content'] %}{% else %}{% set rest = messages %}
{% set system = false %}{% endif %}{% for m in rest %}
{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must take turns') }}
{% endif %}{% if loop.index0 == 0 and system != false %}
{% set text = '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n' + m['content'] %}{% else %}
{% set text = m['content'] %}{% endif %}{% if m['role'] == 'user' %}
{{ bos_token + '[INST] ' + text.strip() + ' [/INST]' }}{% elif m['role'] == 'assistant' %}
{{ ' ' + text.strip() + ' ' + eos_token }}{% endif %}{% endfor %}"""
LLAMA3_TOOLS = """{{- bos_token }}{%- if custom_tools is defined %}{%- set tools = custom_tools %}
{%- endif %}{%- if not tools_in_user_message is defined %}{%- set tools_in_user_message = true %}
{%- endif %}{%- if not date_string is defined %}{%- if strftime_now is defined %}
{%- set date_string = strftime_now("%d %b %Y") %}{%- else %}{%- set date_string = "26 Jul 2024" %}
{%- endif %}{%- endif %}{%- if not tools is defined %}{%- set tools = none %}{%- endif %}
{%- if messages[0]['role'] == 'system' %}{%- set said = messages[0]['content'] | trim %}
{%- set messages = messages[1:] %}{%- else %}{%- set said = "" %}{%- endif %}
{%- if builtin_tools is defined %}{{- "Tools: " + builtin_tools | reject('equalto', 'code') | join(", ") }}
{%- endif %}{%- for t in tools or [] %}{{- t | tojson(indent=4) }}{{- "\\n\\n" }}{%- endfor %}
{%- for message in messages %}{%- if 'tool_calls' in message %}
{%- if not message.tool_calls | length == 1 %}{{- raise_exception("One call at a time") }}{%- endif %}
{%- set call = message.tool_calls[0].function %}{{- '{"name": "' + call.name + '", ' }}
{{- '"parameters": ' }}{{- call.arguments | tojson }}{{- "}" }}
{%- elif message.role == "tool" or message.role == "ipython" %}
{%- if message.content is mapping or message.content is iterable %}{{- message.content | tojson }}
{%- else %}{{- message.content }}{%- endif %}{%- endif %}{%- endfor %}"""
MISTRAL = """{%- set loop_messages = messages %}{%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}
{%- set ns = namespace() %}{%- set ns.index = 0 %}{%- for message in loop_messages %}
{%- if not (message.role == "tool" or message.role == "tool_results" or (message.tool_calls is defined and message.tool_calls is not none)) %}
{%- if (message["role"] == "user") != (ns.index % 2 == 0) %}{{- raise_exception("order") }}{%- endif %}
{%- set ns.index = ns.index + 1 %}{%- endif %}{%- endfor %}{{- bos_token }}
{%- for message in loop_messages %}{%- if message["role"] == "user" %}
{%- if tools is not none and (message == user_messages[-1]) %}{{- "[AVAILABLE_TOOLS] [" }}
{%- for tool in tools %}{%- set tool = tool.function %}{{- '{"type": "function", "function": {' }}
{%- for key, val in tool.items() if key != "return" %}{%- if val is string %}
{{- '"' + key + '": "' + val + '"' }}{%- else %}{{- '"' + key + '": ' + val | tojson }}{%- endif %}
{%- if not loop.last %}{{- ", " }}{%- endif %}{%- endfor %}{{- "}}" }}{%- endfor %}{{- "]" }}
{%- endif %}{%- elif message.tool_calls is defined %}{%- for tool_call in message.tool_calls %}
{%- set out = tool_call.function | tojson %}{{- out[:-1] }}
{%- if not tool_call.id is defined or tool_call.id | length != 9 %}{{- raise_exception("id") }}
{%- endif %}{{- ', "id": "' + tool_call.id + '"}' }}{%- endfor %}{%- endif %}{%- endfor %}"""
GEMMA = """{{ bos_token }}{%- if messages[0]['role'] == 'system' -%}
{%- if messages[0]['content'] is string -%}{%- set first_user_prefix = messages[0]['content'] + '\\n\\n' -%}
{%- else -%}{%- set first_user_prefix = messages[0]['content'][0]['text'] + '\\n\\n' -%}{%- endif -%}
{%- set loop_messages = messages[1:] -%}{%- else -%}{%- set first_user_prefix = "" -%}
{%- set loop_messages = messages -%}{%- endif -%}{%- for message in loop_messages -%}
{%- if message['role'] == 'assistant' -%}{%- set role = "model" -%}{%- else -%}
{%- set role = message['role'] -%}{%- endif -%}
{{ '<start_of_turn>' + role + '\\n' + (first_user_prefix if loop.first else "") }}
{%- if message['content'] is string -%}{{ message['content'] | trim }}
{%- elif message['content'] is iterable -%}{%- for item in message['content'] -%}
{%- if item['type'] == 'image' -%}{{ '<start_of_image>' }}{%- elif item['type'] == 'text' -%}
{{ item['text'] | trim }}{%- endif -%}{%- endfor -%}{%- else -%}{{ raise_exception("type") }}
{%- endif -%}{{ '<end_of_turn>\\n' }}{%- endfor -%}"""
QWEN3 = """{%- if tools %}{{- '<|im_start|>system\\n' }}{%- for tool in tools %}{{- "\\n" }}{{- tool | tojson }}
{%- endfor %}{%- endif %}{%- set ns = namespace(multi_step_tool=true, last_query_index=messages | length - 1) %}
{%- for message in messages[::-1] %}{%- set index = (messages | length - 1) - loop.index0 %}
{%- if ns.multi_step_tool and message.role == "user" and message.content is string and not (message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
{%- set ns.multi_step_tool = false %}{%- set ns.last_query_index = index %}{%- endif %}{%- endfor %}
{%- for message in messages %}{%- if message.reasoning_content is string %}
{%- set reasoning_content = message.reasoning_content %}{%- else %}{%- if '</think>' in message.content %}
{%- set reasoning_content = message.content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
{%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}{%- endif %}{%- endif %}
{%- if loop.index0 > ns.last_query_index %}{%- if loop.last or (not loop.last and reasoning_content) %}
{{- '<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
{%- endif %}{%- endif %}{%- for tool_call in message.tool_calls or [] %}
{%- if (loop.first and content) or (not loop.first) %}{{- '\\n' }}{%- endif %}
{%- if tool_call.function %}{%- set tool_call = tool_call.function %}{%- endif %}
{%- if tool_call.arguments is string %}{{- tool_call.arguments }}{%- else %}
{{- tool_call.arguments | tojson }}{%- endif %}{%- endfor %}
{%- if loop.first or (messages[loop.index0 - 1].role != "tool") %}{{- 'x' }}{%- endif %}{%- endfor %}
{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>' }}{%- endif %}"""
QWEN_XML = """{% macro render_extra_keys(json_dict, handled_keys) %}{%- if json_dict is mapping %}
{%- for json_key in json_dict if json_key not in handled_keys %}
{%- if json_dict[json_key] is mapping or (json_dict[json_key] is sequence and json_dict[json_key] is not string) %}
{{- '\\n<' ~ json_key ~ '>' ~ (json_dict[json_key] | tojson | safe) ~ '</' ~ json_key ~ '>' }}
{%- else %}{{- '\\n<' ~ json_key ~ '>' ~ (json_dict[json_key] | string) ~ '</' ~ json_key ~ '>' }}
{%- endif %}{%- endfor %}{%- endif %}{% endmacro %}
{%- for tool in tools %}{%- if tool.parameters.properties is defined %}
{%- for param_name, param_fields in tool.parameters.properties | items %}
{{- '\\n<name>' ~ param_name ~ '</name>' }}{{- param_fields.type | string }}
{{- render_extra_keys(param_fields, ['name', 'type']) }}{%- endfor %}{%- endif %}{%- endfor %}"""
DEEPSEEK = """{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}
{% set ns = namespace(is_first=false, is_tool=false, is_output_first=true, system_prompt='') %}
{%- for message in messages %}{%- if message['role'] == 'system' %}
{%- set ns.system_prompt = message['content'] %}{%- endif %}{%- endfor %}{{ bos_token }}{{ ns.system_prompt }}
{%- for message in messages %}{%- if message['role'] == 'assistant' and message['content'] is none %}
{%- set ns.is_tool = false -%}{%- for tool in message['tool_calls'] %}{%- if not ns.is_first %}
{{ '<｜tool▁call▁begin｜>' + tool['type'] + '<｜tool▁sep｜>' + tool['function']['name'] + '\\n```json\\n' + tool['function']['arguments'] + '\\n```' }}
{%- set ns.is_first = true -%}{%- endif %}{%- endfor %}{%- endif %}
{%- if message['role'] == 'assistant' and message['content'] is not none %}
{% set content = message['content'] %}{% if '</think>' in content %}
{% set content = content.split('</think>')[-1] %}{% endif %}{{ '<｜Assistant｜>' + content + eos_token }}
{%- endif %}{%- endfor -%}"""
PHI = """{% for message in messages %}{% if message['role'] == 'system' and 'tools' in message and message['tools'] is not none %}
{{ '<|' + message['role'] + '|>' + message['content'] + '<|tool|>' + message['tools'] + '<|/tool|>' }}
{% else %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endif %}{% endfor %}
{% if add_generation_prompt %}{{ '<|assistant|>' }}{% else %}{{ eos_token }}{% endif %}"""
COMMAND_R = """{%- macro json_to_python_type(json_spec) %}{%- set basic = {"string": "str", "number": "float", "integer": "int", "boolean": "bool"} %}
{%- if basic[json_spec.type] is defined %}{{- basic[json_spec.type] }}
{%- elif json_spec.type == "array" %}{{- "List[" + json_to_python_type(json_spec['items']) + "]" }}
{%- elif json_spec.type is iterable %}{{- "Union[" }}{%- for t in json_spec.type %}
{{- json_to_python_type({"type": t}) }}{%- if not loop.last %}{{- "," }}{%- endif %}{%- endfor %}{{- "]" }}
{%- else %}{{- "Any" }}{%- endif %}{%- endmacro %}{%- macro old_tool_parser(tools) %}
{%- for tool in tools %}{%- if loop.index0 != 0 %}{{- '\\n\\n' }}{%- endif %}
{{- 'def ' + tool.name + '(' }}{%- for param_name, param_fields in tool.parameter_definitions.items() %}
{%- if loop.index0 != 0 %}{{- ', ' }}{%- endif %}{{- param_name + ': ' }}
{%- if not param_fields.required %}{{- 'Optional[' + param_fields.type + '] = None' }}{%- endif %}
{%- endfor %}{%- endfor %}{%- endmacro %}{%- macro new_tool_parser(tools) %}{%- for tool in tools %}
{{- tool.function.name | upper | replace('-', '_') }}{%- endfor %}{%- endmacro %}
{%- if tools %}{{- (old_tool_parser(tools) or new_tool_parser(tools)) | indent(4, true) }}{%- endif %}
{%- for message in messages %}{%- if message.role | lower == 'system' %}{%- continue %}
{%- elif loop.index > 100 %}{%- break %}{%- endif %}{{- message.content.title() }}{%- endfor %}"""
GPT_OSS = """{%- macro render_typescript_type(param_spec, required_params, is_nullable=false) -%}
{%- if param_spec.type == "array" -%}{%- if param_spec['items'] -%}
{%- set inner_type = render_typescript_type(param_spec['items'], required_params) -%}
{%- if inner_type == "object | object" or inner_type | length > 50 -%}{{- "any[]" }}{%- else -%}
{{- inner_type + "[]" }}{%- endif -%}{%- endif -%}
{%- elif param_spec.type is defined and param_spec.type is iterable and param_spec.type is not string and param_spec.type is not mapping and param_spec.type[0] is defined -%}
{{- param_spec.type | join(" | ") }}{%- elif param_spec.enum -%}
{{- '"' + param_spec.enum | join('" | "') + '"' -}}{%- endif -%}{%- endmacro -%}
{%- macro build_system_message() -%}{%- if model_identity is not defined %}
{%- set model_identity = "An assistant." %}{%- endif %}{{- model_identity + "\\n" }}
{{- "Current date: " + strftime_now("%Y-%m-%d") + "\\n\\n" }}{%- endmacro -%}
{{- build_system_message() }}{%- for tool in tools | default([]) %}
{{- render_typescript_type(tool.function.parameters, tool.function.parameters.required or []) }}{%- endfor %}"""
GRANITE = """{%- if documents %}{%- for document in documents %}
{{- '<doc id="' + (document.doc_id | string) + '">' + document.text + '</doc>' }}{%- endfor %}{%- endif %}
{%- if controls is defined and controls %}{{- controls | tojson }}{%- endif %}
{%- for m in messages | rejectattr('role', 'equalto', 'system') %}{{- m.content | default('', true) }}
{%- if m.tool_calls %}{{- m.tool_calls | map(attribute='function') | list | tojson }}{%- endif %}{%- endfor %}"""
JAMBA = """{%- macro one(m, i) -%}{{ m.content }}{%- endmacro -%}{%- macro two(m, i) -%}{{ i }}{%- endmacro -%}
{%- set macros = [one, two] -%}{%- set params = [[messages[0], 0], [messages[1], 1]] -%}
{%- for i in range(macros | length) -%}{{- macros[i](*params[i]) -}}{%- endfor -%}"""
VISION = """{% set image_count = namespace(value=0) %}{% for message in messages %}
{% for content in message['content'] %}{% if content['type'] == 'image' or 'image_url' in content %}
{% set image_count.value = image_count.value + 1 %}{% if add_vision_id %}Picture {{ image_count.value }}: {% endif %}
<|vision_start|><|image_pad|><|vision_end|>{% elif 'text' in content %}{{ content['text'] }}{% endif %}
{% endfor %}{% endfor %}"""
TRAINING = """{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{{ eos_token }}
{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}"""
FILTERS = """{% filter trim %}{% for m in messages | sort(attribute='position') | batch(2) %}{{ m | first }}
{% endfor %}{% endfilter %}{{ messages | map(attribute='role') | unique | join(', ') | capitalize }}
{{ messages | map('length') | max }} {{ 'a,b'.split(',', 1) | last }} {{ '%s: %d' % (name, count) }}
{{ '{} {}'.format(a, b) }} {{ {'a': 1}.get('a', none) }} {{ 3 // 2 + 2 ** 3 % 5 }}"""
STATE = """{% set toks = [] %}{% set _ = toks.append('a') %}{% do toks.extend(['b']) %}{% set ns = namespace(found=false, n=0) %}
{% for m in messages %}{% if not ns.found %}{% set ns.found = m.role == 'user' %}{% set ns.n = ns.n + 1 %}
{% endif %}{% endfor %}{{ toks | join }}{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}
{% set long %}{{ ns.n }}{% endset %}{{ long | int | abs }}{{ cycler('a', 'b').next() }}{{ loop_index is odd }}"""
CALLS = """{% macro wrap(tag) %}<{{ tag }}>{{ caller() }}</{{ tag }}>{% endmacro %}
{% call wrap('b') %}{{ messages[0].content }}{% endcall %}{% block body scoped %}{{ self.body }}{% endblock %}"""
SIMPLE = {
    "alpaca": "{% for m in messages %}### {{ m.role.title() }}:\n{{ m.content }}\n\n{% endfor %}",
    "vicuna": "{% for m in messages %}{{ m.role.upper() + ': ' + m.content.strip() }} {% endfor %}",
    "zephyr": "{% for m in messages %}{{ '<|' ~ m.role ~ '|>\n' ~ m.content ~ eos_token }}{% endfor %}",
    "falcon": "{% for m in messages %}{% if not loop.first %}{{ '\n' }}{% endif %}"
    "{{ m['role'] | capitalize + ': ' + m['content'].replace('\r\n', '\n').replace('\n\n', '\n') }}{% endfor %}",
    "baichuan": "{{ (messages | selectattr('role', 'equalto', 'system') | list | last).content | trim if x }}",
    "internlm": "{{ bos_token }}{% for m in messages %}{{ '<|im_start|>' + m['role'] }}{% endfor %}",
    "chatglm": "{% set c = namespace(index=0) %}[gMASK]sop{% for m in messages %}"
    "[Round {{ c.index }}]{% set c.index = c.index + 1 %}{% endfor %}",
    "yi": "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}",
    "openchat": "{{ bos_token }}{% for m in messages %}{{ 'GPT4 Correct ' + m.role.title() }}{% endfor %}",
    "stablelm": "{%- for m in messages %}{{ m.content.lstrip() }}{%- if not loop.last %}{{ eos_token }}{%- endif %}{% endfor %}",
    "solar": "{% for m in messages %}{% if m.role == 'user' %}{% if m.content %}### U\n{{ m.content }}{% endif %}{% endif %}{% endfor %}",
    "reranker": "<Instruct>: {{ messages | selectattr('role', 'eq', 'system') | map(attribute='content') | first | default('x') }}",
    "fill-in": "{{ '<fim_prefix>' ~ prefix ~ '<fim_suffix>' ~ suffix ~ '<fim_middle>' }}",
    "dates": "{{ strftime_now('%B') }}{% if 'x' in y and y not in ['a', 'b'] %}{{ y | safe }}{% endif %}",
}
ALL = {
    name.lower(): text for name, text in list(globals().items()) if name.isupper() and isinstance(text, str)
} | SIMPLE  # fmt: skip


def test_there_are_enough_families() -> None:
    assert len(ALL) >= 30


@pytest.mark.parametrize("family", ALL)
def test_a_family_s_template_is_nothing_to_report(family: str) -> None:
    log = Log()
    inspect_template(ALL[family], log, 0)
    seen = log.freeze("template")
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())
