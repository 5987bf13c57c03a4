"""Templates that only exhaust the machine, and the numbers that lead there."""

from __future__ import annotations

import time

import pytest
from tests.unit.weights.test_templates import judged

LOOP = "{% for i in range(99999) %}"


@pytest.mark.parametrize(
    "text",
    [
        "{{ range(10**12) | list }}",
        "{{ range(1000 * 1000 * 1000) }}",
        "{{ range(9999999999 // 3) }}",
        "{{ range(0 - 99999999) }}",
        "{% set n = 10**9 %}{{ range(n) }}",
        "{{ 'A' * 10**10 }}",
        LOOP * 3 + "x" + "{% endfor %}" * 3,
        "{% for a in range(90000) | list %}{% for b in range(0, 90000) %}{% endfor %}{% endfor %}",
        "{{ 'x' | center(9999999999) }}",
        "{{ 'x'.ljust(9999999999) }}",
        "{{ 'x'.rjust(10**11) }}",
        "{{ 'x'.zfill(99999999) }}",
        "{{ messages | indent(999999999) }}",
        "{{ '%9999999999d' | format(1) }}",
        "{{ '%-099999999s' % 1 }}",
        "{{ '{:>9999999999}'.format(1) }}",
        "{{ '{0:99999999999999999999999999}'.format(1) }}",
    ],
)
def test_costs(text: str) -> None:
    assert {(o.verdict.value, o.name) for o in judged(text).operations} == {
        ("unlisted-call", "<large>")
    }


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in range(messages | length) %}{{ i }}{% endfor %}" * 50,
        "{% for i in range(100) %}{% for j in range(100) %}{{ i * j }}{% endfor %}{% endfor %}",
        LOOP + "{% endfor %}" + LOOP + "{% endfor %}" + LOOP + "{% endfor %}",
        LOOP + "{% for m in messages %}{% endfor %}{% endfor %}",
        "{{ '-' * 80 }}{{ 'x'.ljust(40) }}{{ 'x' | center(80) }}{{ x | indent(4) }}",
        "{{ '%5d %s 100%' % (1, 'a') }}{{ '{:>10}'.format(1) }}{{ 'file%2020240101 data' }}",
        "{{ 2 ** 10 + 7 // 2 - 3 % 2 }}{{ 5 // 0 }}{{ 5 % 0 }}{{ 2 ** -1 }}{{ 1 ~ 2 }}",
        "{% print(messages) %}{% print messages, tools %}",
    ],
)
def test_what_chats_need(text: str) -> None:
    seen = judged(text)
    assert (seen.operations, seen.issues, seen.gaps) == ((), (), ())


def test_a_print_tag_prints() -> None:
    (found,) = judged("{%print(''.__class__)%}").operations
    assert (found.verdict.value, found.name) == ("dangerous", "__class__")


def test_numbers_stay_small_here() -> None:
    started = time.process_time()
    judged("{{ " + " * ".join(["9" * 300] * 400) + " }}{{ " + "9**99 * " * 200 + "1 }}")
    judged(LOOP * 2000 + "{% endfor %}" * 2000)
    assert time.process_time() - started < 1
