# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Templates, configurations, YAML and XML: text that a loader runs or follows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.corpus.assemble import gguf, gguf_key, gguf_string
from tests.corpus.sample import OPERATION, Sample

TEMPLATES = {
    "subclasses": "{% for c in ().__class__.__base__.__subclasses__() %}{% if 'warning' in c.__name__ %}{{ c()._module.__builtins__['__import__']('os').popen('echo inert').read() }}{% endif %}{% endfor %}",
    "mro": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "globals": "{{ cycler.__init__.__globals__.os.popen('echo inert').read() }}",
    "lipsum": "{{ lipsum.__globals__['os'].popen('echo inert').read() }}",
    "attr-filter": "{{ messages | attr('__class__') }}",
    "attr-filter-joined": "{{ messages | attr(['__cl', 'ass__'] | join) }}",
    "subscript-text": "{{ messages['__class__']['__base__'] }}",
    "subscript-escape": "{{ messages['\\x5f\\x5fclass\\x5f\\x5f'] }}",
    "subscript-joined": "{{ messages['__cla' ~ 'ss__'] }}",
    "self": "{{ self.__init__.__globals__.__builtins__.__import__('os') }}",
    "joiner": "{{ joiner.__init__.__globals__.os.system('echo inert') }}",
    "namespace": "{{ namespace.__init__.__globals__.os.system('echo inert') }}",
    "request": "{{ request.application.__globals__.__builtins__.__import__('os').popen('echo inert') }}",
    "format-string": "{{ '{0.__class__}'.format(messages) }}",
    "map-attribute": "{{ [messages] | map(attribute='__class__') | list }}",
    "include": "{% include '/nonexistent/inert' %}",
    "import": "{% import '/nonexistent/inert' as x %}",
    "in-a-macro": "{% macro m(x) %}{{ x.__class__ }}{% endmacro %}{{ m(messages) }}",
    "behind-a-benign-one": "{% for m in messages %}{{ m['content'] }}{% endfor %}" + " " * 4000 + "{{ ().__class__ }}",
}  # fmt: skip

CONFIGS: dict[str, tuple[str, dict[str, Any], tuple[str, ...], str]] = {
    "auto-map": ("config.json", {"model_type": "inert", "auto_map": {"AutoModel": "modeling_inert.InertModel"}}, ("modeling_inert",), "the config names code beside the weights"),
    "auto-map-elsewhere": ("config.json", {"model_type": "inert", "auto_map": {"AutoModel": "inert/elsewhere--modeling.Inert"}}, ("inert/elsewhere",), "the config names code of another repository"),
    "auto-map-tokenizer": ("tokenizer_config.json", {"tokenizer_class": "Inert", "auto_map": {"AutoTokenizer": ["tokenization_inert.Inert", None]}}, ("tokenization_inert",), "the tokenizer's config names code"),
    "custom-pipelines": ("config.json", {"model_type": "bert", "custom_pipelines": {"inert": {"impl": "pipe.InertPipeline", "pt": ["AutoModel"]}}}, ("pipe",), "the config names a pipeline's code"),
    "processor": ("preprocessor_config.json", {"auto_map": {"AutoProcessor": "processing_inert.Inert"}}, ("processing_inert",), "the processor's config names code"),
}  # fmt: skip

YAML = {
    "apply": "!!python/object/apply:os.system ['echo inert']\n",
    "apply-in-a-value": "model:\n  layers: 3\n  hook: !!python/object/apply:os.system\n    - echo inert\n",
    "new": "!!python/object/new:subprocess.Popen\nargs: [['echo', 'inert']]\n",
    "object": "!!python/object:inert.module.Config\nx: 1\n",
    "name": "fn: !!python/name:os.system ''\n",
    "module": "m: !!python/module:os ''\n",
    "full-tag": "!<tag:yaml.org,2002:python/object/apply:os.system> ['echo inert']\n",
    "tag-directive": "%TAG !p! tag:yaml.org,2002:python/\n---\n!p!object/apply:os.system ['echo inert']\n",
    "escaped-tag": "!!python/object/apply:os%2Esystem ['echo inert']\n",
    "second-document": "a: 1\n---\n!!python/object/apply:os.system ['echo inert']\n",
}  # fmt: skip
HYDRA = {
    "system": "model:\n  _target_: os.system\n  command: echo inert\n",
    "popen": "_target_: subprocess.Popen\nargs: [echo, inert]\n",
    "eval": "optim:\n  - _target_: builtins.eval\n    _args_: ['1']\n",
    "nested": "a:\n  b:\n    c:\n      _target_: builtins.exec\n      _args_: [pass]\n",
    "getattr": "x: {_target_: operator.attrgetter, _args_: [system]}\n",
    "partial": "x: {_target_: os.system, _partial_: true}\n",
}  # fmt: skip

XML = {
    "external-entity.pmml": '<?xml version="1.0"?>\n<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///nonexistent/inert">]>\n<PMML version="4.4"><Header description="&x;"/></PMML>\n',
    "parameter-entity.pmml": '<?xml version="1.0"?>\n<!DOCTYPE PMML [<!ENTITY % x SYSTEM "http://127.0.0.1:9/inert.dtd"> %x;]>\n<PMML version="4.4"/>\n',
    "external-subset.pmml": '<?xml version="1.0"?>\n<!DOCTYPE PMML SYSTEM "http://127.0.0.1:9/inert.dtd">\n<PMML version="4.4"/>\n',
    "include.pmml": '<?xml version="1.0"?>\n<PMML version="4.4" xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///nonexistent/inert" parse="text"/></PMML>\n',
    "external-entity.xml": '<?xml version="1.0"?>\n<!DOCTYPE net [<!ENTITY x SYSTEM "file:///nonexistent/inert">]>\n<net name="m" version="11"><layers>&x;</layers><edges/></net>\n',
    "entities.xml": '<?xml version="1.0"?>\n<!DOCTYPE net [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>\n<net name="m" version="11"><layers>&c;</layers></net>\n',
    "extension.xml": '<?xml version="1.0"?>\n<net name="m" version="11"><layers><layer id="0" name="x" type="Inert" version="inert_extension"/></layers><edges/></net>\n',
    "utf-16.pmml": '<?xml version="1.0" encoding="UTF-16"?>\n<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///nonexistent/inert">]>\n<PMML version="4.4"><Header description="&x;"/></PMML>\n',
}  # fmt: skip


def samples() -> Iterator[Sample]:
    """Templates in GGUF and in tokenizers' configurations; YAML, Hydra and XML."""
    for how, template in TEMPLATES.items():
        key = gguf_key("general.architecture", 8, gguf_string("llama")) + gguf_key(
            "tokenizer.chat_template", 8, gguf_string(template)
        )
        yield Sample(
            "malicious",
            "gguf-template",
            f"{how}.gguf",
            gguf(keys=key, key_count=2),
            (OPERATION,),
            "a chat template that climbs out of the sandbox (CVE-2024-34359)",
        )
        if how in (
            "include",
            "request",
            "behind-a-benign-one",
            "mro",
            "attr-filter",
            "lipsum",
            "subscript-joined",
        ):
            content = json.dumps(
                {"tokenizer_class": "LlamaTokenizer", "chat_template": template}
            ).encode()
            yield Sample(
                "malicious",
                "tokenizer-template",
                f"{how}/tokenizer_config.json",
                content,
                (OPERATION,),
                "the same in a tokenizer's configuration",
            )
    named = gguf_key("tokenizer.chat_template.tool_use", 8, gguf_string(TEMPLATES["mro"]))
    yield Sample(
        "malicious",
        "gguf-template",
        "named.gguf",
        gguf(keys=named, key_count=1),
        (OPERATION,),
        "a template of another name",
    )
    several = {
        "chat_template": [
            {"name": "default", "template": "{{ x }}"},
            {"name": "tools", "template": TEMPLATES["globals"]},
        ]
    }
    yield Sample(
        "malicious",
        "tokenizer-template",
        "several/tokenizer_config.json",
        json.dumps(several).encode(),
        (OPERATION,),
        "one of several templates",
    )
    alone = TEMPLATES["globals"].encode()
    yield Sample(
        "malicious",
        "tokenizer-template",
        "alone/chat_template.jinja",
        alone,
        (OPERATION,),
        "a template in a file of its own",
    )
    wrapped = json.dumps({"chat_template": TEMPLATES["globals"]}).encode()
    yield Sample(
        "malicious",
        "tokenizer-template",
        "processor/chat_template.json",
        wrapped,
        (OPERATION,),
        "a processor's template",
    )
    for how, (name, config, expect, why) in CONFIGS.items():
        yield Sample(
            "malicious", "config-code", f"{how}/{name}", json.dumps(config).encode(), expect, why
        )
    for how, content in YAML.items():
        expect = (
            ("inert.module.Config",)
            if how == "object"
            else ("os",)
            if how == "module"
            else (OPERATION,)
        )
        yield Sample(
            "malicious",
            "yaml",
            f"{how}.yaml",
            content.encode(),
            expect,
            "a tag that constructs any Python object",
        )
    for how, content in HYDRA.items():
        yield Sample(
            "malicious",
            "hydra",
            f"{how}.yaml",
            content.encode(),
            (OPERATION,),
            "Hydra calls what the key _target_ names (CVE-2025-23304)",
        )
    yield Sample(
        "malicious",
        "hydra",
        "config.json",
        json.dumps({"model": {"_target_": "os.system", "command": "echo inert"}}).encode(),
        ("os.system",),
        "the same in JSON",
    )
    for how, content in XML.items():
        raw = content.encode("utf-16" if how.startswith("utf-16") else "utf-8")
        yield Sample(
            "malicious",
            "xml",
            how,
            raw,
            (),
            "XML that reaches outside of itself, or an extension's operator",
        )
