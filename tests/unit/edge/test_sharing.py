"""Work shared with copies of the process. Each test is a process of its own: pytest has threads."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from weighbridge.edge import sharing

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="copies are made on Linux")

BEGIN = """
import json, os, signal, sys, threading, time
from weighbridge.edge import sharing
sharing._processors = lambda: 3
here = os.getpid()
def work(number):
    time.sleep(0.02)
    return {"number": number, "here": os.getpid() == here}
"""


def run(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + textwrap.dedent(code), *arguments],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout


@linux
def test_a_copy_that_is_killed_loses_the_item_it_was_at_and_no_other() -> None:
    out = run("""
    def fragile(number):
        found = work(number)
        if not found["here"]:
            os.kill(os.getpid(), signal.SIGKILL)
        return found
    sharing._processors = lambda: 2
    found = list(sharing.share(20, fragile, heavy=True))
    lost = [one for one in found if isinstance(one, sharing.Lost)]
    assert lost == [sharing.Lost(9)], lost
    assert all(one["number"] == n for n, one in enumerate(found) if one not in lost)
    print("done")
    """)
    assert out == "done\n"


@linux
def test_what_a_copy_gives_up_is_done_here_and_nothing_runs_twice_behind_it() -> None:
    out = run("""
    def fragile(number):
        if os.getpid() != here:
            raise KeyboardInterrupt
        return work(number)
    try:
        found = list(sharing.share(9, fragile, heavy=True))
    finally:
        print("behind")
    assert [one["number"] for one in found] == list(range(9))
    assert all(one["here"] for one in found)
    """)
    assert out == "behind\n"


@linux
def test_an_interruption_ends_the_copies() -> None:
    out = run("""
    def long(number):
        if os.getpid() == here:
            raise KeyboardInterrupt
        time.sleep(50)
    try:
        list(sharing.share(9, long, heavy=True))
    except KeyboardInterrupt:
        pass
    try:
        os.waitpid(-1, 0)
    except ChildProcessError:
        print("none is left")
    """)
    assert out == "none is left\n"


@linux
def test_beside_another_thread_no_copy_is_made() -> None:
    out = run("""
    held = threading.Lock()
    held.acquire()
    threading.Thread(target=held.acquire, daemon=True).start()
    print(all(one["here"] for one in sharing.share(6, work, heavy=True)))
    """)
    assert out == "True\n"


@linux
def test_copies_take_part_and_the_results_are_in_order() -> None:
    out = run("""
    found = list(sharing.share(30, work, heavy=True))
    assert [one["number"] for one in found] == list(range(30))
    print(len({one["here"] for one in found}))
    """)
    assert out == "2\n"


@linux
def test_more_items_than_a_pipe_holds_tickets() -> None:
    out = run("""
    count = sharing._MAX_TICKETS * 3 + 1
    found = list(sharing.share(count, lambda n: {"n": n}, heavy=True))
    print([one["n"] for one in found] == list(range(count)))
    """)
    assert out == "True\n"


def test_short_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise AssertionError("a copy was made")

    monkeypatch.setattr(sharing, "_together", none)
    monkeypatch.setattr(sharing, "_processors", lambda: 8)
    monkeypatch.setattr(sharing, "_is_single_threaded", lambda: True)
    assert list(sharing.share(3, lambda n: {"n": n})) == [{"n": 0}, {"n": 1}, {"n": 2}]
    monkeypatch.setattr(sharing, "PATIENCE", 0.0)
    with pytest.raises(AssertionError):
        list(sharing.share(3, lambda n: {"n": n}))
    assert list(sharing.share(1, lambda n: {"n": n})) == [{"n": 0}]  # nothing to share
    assert list(sharing.share(0, lambda n: {"n": n})) == []


@linux
def test_the_evidence_is_the_same_and_a_lost_file_is_unavailable(tmp_path: Path) -> None:
    for number in range(6):
        code = (
            b"\x80\x02cos\nsystem\nX\x02\0\0\0\xc3\xa9\x85R." if number % 2 else b"\x80\x02K\x01."
        )
        (tmp_path / f"{number}.pkl").write_bytes(code)
    (tmp_path / "broken.pkl").write_bytes(b"\x80\x02]")
    out = run(
        """
        from weighbridge.collect import weights
        from weighbridge.model.evidence import EvidenceState
        from weighbridge.snapshot.hashing import Plan
        from weighbridge.snapshot.listing import list_subject
        snapshot = list_subject(sys.argv[1]).read(Plan(()), wanted=lambda path: True)
        looks = [weights.Look(snapshot, a, a.path) for a in snapshot.artifacts]
        alone = [weights.inspect_artifact(look) for look in looks]
        inspect_file, weights._HEAVY = weights.inspect_file, 0
        def slow(*arguments):
            time.sleep(0.05)
            weights_of_others.append(os.getpid() != here)
            return inspect_file(*arguments)
        weights_of_others = []
        weights.inspect_file = slow
        together = list(weights.inspect_all(looks))
        assert len(weights_of_others) < len(looks)  # some were looked into elsewhere
        assert together == alone
        assert [e.digest for e in together] == [e.digest for e in alone]
        def deadly(*arguments):
            if os.getpid() != here:
                os.kill(os.getpid(), signal.SIGSEGV)
            return slow(*arguments)
        weights.inspect_file = deadly
        left = list(weights.inspect_all(looks))
        assert [e.about for e in left] == [e.about for e in alone]
        lost = [e for e in left if "was ended" in e.reason]
        assert lost and all(e.state is EvidenceState.UNAVAILABLE for e in lost)
        print(lost[0].reason)
        """,
        str(tmp_path),
    )
    assert out == "the analyser's process was ended on this file (signal 11)\n"
