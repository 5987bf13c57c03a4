"""Chat templates: what climbs out is dangerous, what is merely unknown is unlisted."""

from __future__ import annotations

import io
import time

import pytest

from weighbridge.weights.inspection import Inspection, Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.source import file_source
from weighbridge.weights.templates import MAX_TEMPLATE, inspect, inspect_template


def judged(text: str, offset: int = 0) -> Inspection:
    log = Log()
    inspect_template(text, log, offset)
    return log.freeze("template")


def names(text: str, verdict: Verdict) -> set[str]:
    return {o.name for o in judged(text).operations if o.verdict is verdict}


CLIMBS = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ messages.__init__.__globals__ }}",
    "{{ x['__class__'] }}",
    r"{{ x['\x5f\x5fclass\x5f\x5f'] }}",
    r"{{ x['\u005f_class__'] }}",
    r"{{ x['\137\137class\137\137'] }}",
    "{{ x['__cla' 'ss__'] }}",
    "{{ x['__cla' + 'ss__'] }}",
    "{{ x['__cla' ~ 'ss__'] }}",
    "{{ x[['__cla', 'ss__'] | join] }}",
    "{{ x[''.join(['__cla', 'ss__'])] }}",
    "{{ x['__ssalc__'[::-1]] }}",
    "{{ x['__ssalc__' | reverse] }}",
    "{{ x['__CLASS__' | lower] }}",
    "{{ x['__CLASS__'.lower()] }}",
    "{{ x['--class--'.replace('-', '_')] }}",
    "{{ x['%s%sclass%s%s' | format('_', '_', '_', '_')] }}",
    "{{ x['%c%cclass%c%c' | format(95, 95, 95, 95)] }}",
    "{{ x['{0}{0}class{0}{0}'.format('_')] }}",
    "{{ x['_' * 2 ~ 'class' ~ '_' * 2] }}",
    "{{ x[dict(__class__=1) | first] }}",
    "{{ x[dict(__cla=1, ss__=2) | join] }}",
    "{{ x[{'__class__': 1} | list | first] }}",
    "{{ x[('a,__class__' .split(','))[1]] }}",
    "{% set a = '__cla' %}{% set b = 'ss__' %}{{ x[a ~ b] }}",
    "{% set ns = namespace() %}{% set ns.k = '__init__' %}{{ x[ns.k] }}",
    "{% with k = '__mro__' %}{{ x[k] }}{% endwith %}",
    "{{ x.__ｃlass__ }}",
    "{{ x | attr('__class__') }}",
    "{{ x | attr(y) }}",
    "{{ x | attr('a' ~ y) }}",
    "{{ [x] | map('attr', 'y') | list }}",
    "{{ [x] | map(attribute='__class__') | list }}",
    "{{ [x] | map(attribute='a.__class__.b') | list }}",
    "{{ [x] | selectattr('__class__') | list }}",
    "{{ [x] | groupby('__class__') }}",
    "{{ '{0.__class__}'.format(x) }}",
    "{{ '{0[a].__init__.__globals__}' .format(x) }}",
    "{{ lipsum }}",
    "{{ lipsum.__globals__['os'].popen('echo inert').read() }}",
    "{{ cycler.__init__.__globals__.os.popen('echo inert').read() }}",
    "{{ joiner.__init__ }}",
    "{{ namespace.__init__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ self['_TemplateReference__context'] }}",
    "{{ raise_exception.__globals__ }}",
    "{{ caller.__code__ }}",
    "{{ (x if y else z).__class__ }}",
    "{{ x.func_globals }}",
    "{{ g.gi_frame.f_back }}",
    "{{ x.popen('echo inert') }}",
    "{{ eval('1') }}",
    "{{ [].append.__self__ }}",
    "{% include 'secret.txt' %}",
    "{% import 'x' as y %}",
    "{% from 'x' import y %}",
    "{% extends '/etc/hostname' %}",
    "{% for a in x.__class__ %}{% endfor %}",
    "{% if x.__class__ %}{% endif %}",
    "{% if false %}{{ x.__class__ }}{% endif %}",
    "{% macro f(a='__class__') %}{% endmacro %}",
    "{% call(a) f(x.__class__) %}{% endcall %}",
    "{% filter replace('a', x.__class__) %}{% endfilter %}",
    "{% set x | attr(y) %}{% endset %}",
    "{% set ns.__class__ = 1 %}",
    "{{ a[b[c.__class__]] }}",
    "{{ {x.__class__: 1} }}",
    "{{ x is sameas y.__class__ }}",
    "{%- generation -%}{{ x.__class__ }}{%- endgeneration -%}",
    "{# a comment #}{{- x.__class__ -}}",
    "{% raw %}{{ x }}{% endraw %}{{ x.__class__ }}",
    "{{ x.__class__",  # no engine finishes it, and none should try
    "{{ ((((x.__class__ }}",
]


@pytest.mark.parametrize("text", CLIMBS)
def test_a_way_out_is_dangerous(text: str) -> None:
    assert Verdict.DANGEROUS in {o.verdict for o in judged(text).operations}
    assert {o.action for o in judged(text).operations} == {"template"}


UNKNOWN = {
    "{{ own_function() }}": "own_function",
    "{{ x | own_filter }}": "|own_filter",
    "{{ x is own_test }}": "is own_test",
    "{{ x.own_method() }}": "own_method",
    "{{ x._private }}": "_private",
    "{{ x['__custom__'] }}": "__custom__",
    "{% debug %}": "{% debug %}",
    "{% trans %}a{% endtrans %}": "{% trans %}",
    "{{ [x] | map(y) }}": "|map",
    "{{ x | attr('content') }}": "|attr(content)",
    "{% set c = cycler %}": "cycler",
    "{{ config.items() }}": "config",
    "{{ request.application }}": "request",
    "{{ get_flashed_messages() }}": "get_flashed_messages",
}


@pytest.mark.parametrize("text", UNKNOWN)
def test_an_unknown_word_is_unlisted_and_no_more(text: str) -> None:
    assert names(text, Verdict.DANGEROUS) - {"__custom__"} == set()
    assert UNKNOWN[text] in names(text, Verdict.UNLISTED) | names(text, Verdict.DANGEROUS)


def test_a_name_of_a_web_application_may_be_the_template_s_own() -> None:
    assert not judged("{% set config = messages[0] %}{{ config.content }}").operations
    assert not judged("{% for request in messages %}{{ request.content }}{% endfor %}").operations
    assert not judged("{{ message.config }}{{ tool['request'] }}").operations


@pytest.mark.parametrize(
    "text", ["{{ 9**9**9 }}", "{{ 2**2**2**2**99 }}", "{{ (9**9**9)|string }}"]
)
def test_a_tower_of_powers_that_jinja_alone_takes_from_the_left(text: str) -> None:
    assert names(text, Verdict.UNLISTED) | names(text, Verdict.UNLISTED_CALL) == {"<large>"}


@pytest.mark.parametrize(
    "text", ["{{ 2**3**2 }}", "{{ 9**1**99 }}", "{{ 9**0**99 }}", "{{ x**9**9 }}"]
)
def test_a_small_tower_of_powers_is_nothing(text: str) -> None:
    assert not judged(text).operations


def test_a_call_of_what_a_computed_name_picks() -> None:
    assert names("{{ x[key]() }}", Verdict.UNLISTED_CALL) == {"<computed>"}
    assert names("{% set fs = [a, b] %}{{ fs[i](1) }}", Verdict.UNLISTED_CALL) == set()


@pytest.mark.parametrize(
    "text",
    [
        "{% raw %}{{ x.__class__ }}{% endraw %}",
        "{# {{ x.__class__ }} #}",
        "no tags, but __class__ and lipsum()",
        "{{ 'Write a class with __init__ and __class__ in it.' }}",
        "{{ message['role'] == 'system' and message.system }}",
        "{{ {'a': {}} }}",
        "{% for k, v in x.items() if v is not none recursive %}{{ loop(v) }}{% else %}{% endfor %}",
        "{{ x | length is divisibleby 3 and not y is none }}",
        "{{ -1 ** 2, +x, 1_000, 0x1F, 1.5e3, x.0, x[1:2, ::-1] }}",
        "{% set x %}a{% endset %}{% set y | trim | upper %}b{% endset %}{% set z = 1, 2 %}",
        "{{ 'a' if b }}{{ 'a' if b else 'c' if d else 'e' }}",
        "{% set _ = messages.append(1) %}{% do messages.pop() %}",
    ],
)
def test_what_only_looks_like_it_is_nothing(text: str) -> None:
    seen = judged(text)
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())


@pytest.mark.parametrize(
    "text",
    [
        "{{", "{%", "{#", "{% raw %}", "{{ }}", "{% %}", "{{ ( }}", "{{ ] }}", "{{ 'a }}",
        "{{ a b }}", "{% if x %}", "{% endif %}", "{% for x in y %}{% endif %}", "{{ a.'b' }}",
        "{{ a[] }}", "{{ a[1:2:3:4] }}", "{{ 1 + }}", "{{ ? }}", r"{{ '\x5' }}", "{% else %}",
        "{{ 12abc }}", "{% set %}", "{% for 1 in x %}{% endfor %}", "{{ {1} }}",
    ],
)  # fmt: skip
def test_what_is_no_template_is_an_issue(text: str) -> None:
    seen = judged(text)
    assert {i.code for i in seen.issues} == {"bad-template"}
    assert not seen.complete


@pytest.mark.parametrize(
    "text",
    [
        "{{" + "(" * 400 + "1" + ")" * 400 + "}}",
        "{{" + "[" * 400 + "]" * 400 + "}}",
        "{{" + "not " * 400 + "1}}",
        "{{ x" + ".a" * 4000 + "}}",
        "{{ x" + "|trim" * 4000 + "}}",
        "{{ x" + "[0]" * 4000 + "}}",
        "{{" + "1 if 1 else " * 400 + "1}}",
        "{{ " + "9" * 5000 + " }}",
        "{{1}}" * 210_000,
        "x" * MAX_TEMPLATE + "{{ 1 }}",
    ],
)
def test_past_a_bound_there_is_a_gap_and_no_crash(text: str) -> None:
    started = time.process_time()
    seen = judged(text)
    assert time.process_time() - started < 2
    assert seen.gaps
    assert not seen.issues


@pytest.mark.parametrize(
    "text",
    [
        "{{" + "'_'~" * 20_000 + "'_'}}",
        "{{ 'a' * 999999999999 }}",
        "{{ ('a' * 1999)|replace('a', 'b' * 1999) }}",
        "{{ '%999999999s' % 'a' }}{{ '{:999999999}'.format('a') }}",
        "{% set a = 'xx' %}" + "{% set a = a ~ a %}" * 1000,
        "{{ [" + "['a']," * 3000 + "] | join }}",
        "{{ '" + "{" * 200_000 + "' }}",
    ],
)
def test_nothing_that_is_computed_grows(text: str) -> None:
    started = time.process_time()
    assert {o.name for o in judged(text).operations} <= {"<large>"}
    assert time.process_time() - started < 2


def test_the_place_counts_bytes_from_the_start_of_the_file() -> None:
    (found,) = judged("é{{ x.__class__ }}", 100).operations
    assert found.offset == 100 + len("é{{ x.".encode())
    assert "__class__" in found.rendered


def test_a_file_that_is_one_template() -> None:
    log = Log()
    data = b"{% for m in messages %}{{ m.content.__class__ }}{% endfor %}"
    inspect(file_source(io.BytesIO(data), len(data)), log)
    assert log.freeze("template").operations[0].name == "__class__"
    assert log.bytes_read == len(data)
