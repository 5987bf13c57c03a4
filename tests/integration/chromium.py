"""Chromium without a window, spoken to in its DevTools protocol over two pipes.

Source: the Chrome DevTools Protocol; ``--remote-debugging-pipe`` reads messages from descriptor 3
and writes them to descriptor 4, each a JSON text that a zero byte ends.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

BINARY = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--force-device-scale-factor=1", "--lang=en-US",
)  # fmt: skip
PATIENCE = 60.0  # seconds for one answer


class Browser:
    """One process. ``events`` are those of every page, in their order."""

    def __init__(self, profile: Path) -> None:
        assert BINARY
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        command = [BINARY, *FLAGS, "--remote-debugging-pipe", f"--user-data-dir={profile}"]
        shell = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", shell, "-", *command, "about:blank"],
            pass_fds=(to_browser, from_browser),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._number = 0
        self._rest = b""
        self.events: list[dict[str, Any]] = []

    def close(self) -> None:
        """End the process that this began."""
        try:
            self.send("Browser.close")
        except (OSError, EOFError):
            self._process.kill()
        self._process.wait(PATIENCE)
        os.close(self._in)
        os.close(self._out)

    def send(self, method: str, session: str = "", **parameters: object) -> dict[str, Any]:
        """A command's result; the events that come before it are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return dict(answer["result"])
            self.events.append(answer)

    def _receive(self) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser does not answer")
            data = os.read(self._in, 1 << 20)
            if not data:
                raise EOFError("the browser has ended")
            self._rest += data
        message, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(message))


class Page:
    """A page of a file, with everything that it logged and asked for."""

    def __init__(self, browser: Browser, width: int = 1280, height: int = 900) -> None:
        self.browser = browser
        target = browser.send("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.send("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.size(width, height)

    def send(self, method: str, **parameters: object) -> dict[str, Any]:
        return self.browser.send(method, self.session, **parameters)

    def size(self, width: int, height: int) -> None:
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)  # fmt: skip

    def media(self, kind: str = "", scheme: str = "light") -> None:
        """``kind`` is empty or ``print``."""
        self.send("Emulation.setEmulatedMedia", media=kind,
                  features=[{"name": "prefers-color-scheme", "value": scheme}])  # fmt: skip

    def open(self, path: Path, fragment: str = "", *, script: bool = True) -> None:
        """Load a file; it has run its script when this returns."""
        self.send("Emulation.setScriptExecutionDisabled", value=not script)
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=path.as_uri() + fragment)
        until = time.monotonic() + PATIENCE
        mark = "document.readyState === 'complete' && location.protocol === 'file:'"
        if script:
            mark += " && 'ready' in document.documentElement.dataset"
        while self.value(mark) is not True:
            assert time.monotonic() < until, "the page does not come to its end"
            time.sleep(0.05)

    def value(self, expression: str) -> Any:
        """What an expression is in the page."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)  # fmt: skip
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str, code: int, *, text: str = "") -> None:
        """One key down and up, as a keyboard does it."""
        named = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **named)
        self.send("Input.dispatchKeyEvent", type="keyUp", **named)

    def screenshot(self, path: Path, *, whole: bool = False) -> bytes:
        answer = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        data = base64.b64decode(answer["data"])
        path.write_bytes(data)
        return data

    def pdf(self, path: Path) -> bytes:
        """As printed."""
        answer = self.send("Page.printToPDF", printBackground=False, preferCSSPageSize=True)
        data = base64.b64decode(answer["data"])
        path.write_bytes(data)
        return data

    def _mine(self, method: str) -> list[dict[str, Any]]:
        return [e["params"] for e in self.browser.events
                if e.get("sessionId") == self.session and e.get("method") == method]  # fmt: skip

    def requests(self) -> list[str]:
        """Every address that the page asked for, blocked ones too."""
        return [e["request"]["url"] for e in self._mine("Network.requestWillBeSent")]

    def complaints(self) -> list[str]:
        """What the console holds: errors, warnings, violations of the content policy."""
        said = [e["entry"]["text"] for e in self._mine("Log.entryAdded")]
        said += [str(e["args"]) for e in self._mine("Runtime.consoleAPICalled")]
        return said + [e["exceptionDetails"]["text"] for e in self._mine("Runtime.exceptionThrown")]
