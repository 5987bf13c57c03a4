"""A clock that stands still until somebody sleeps, and a service that answers as it is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weighbridge.sources.http import HttpClient
from weighbridge.testing.failing_http import FailingService, Mode


class Clock:
    """``now`` in Unix time; ``slept`` are the sleeps that were asked for."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def client(self, **more: Any) -> HttpClient:
        return HttpClient(offline=False, clock=lambda: self.now, sleep=self.sleep, **more)


class Stage(FailingService):
    """Gives its answers one after the other, the last for ever."""

    def __init__(self, answers: list[tuple[int, Mapping[str, str]]], mode: Mode) -> None:
        super().__init__(mode=mode)
        self.answers = answers

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        return self._present()[0], {}

    def more_headers(self, path: str) -> Mapping[str, str]:
        return self._present()[1]

    def _present(self) -> tuple[int, Mapping[str, str]]:
        return self.answers[min(len(self.requests), len(self.answers)) - 1]


def stage(*answers: tuple[int, Mapping[str, str]], mode: Mode = Mode.HONEST) -> Stage:
    return Stage(list(answers) or [(200, {})], mode)
