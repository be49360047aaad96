"""A page in the browser: what a visitor does there with mouse and keyboard, and what stands on it."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.support.browser.devtools import Devtools

DEADLINE_S: Final = 15
_KEYS: Final = {
    "Enter": (13, "\r"), "Escape": (27, ""), "ArrowDown": (40, ""), "ArrowLeft": (37, ""),
    "Tab": (9, ""), "Backspace": (8, ""),
}  # fmt: skip
#: The first that is found, by what is written in it where that is said; scrolled to, and where its middle is.
_FIND: Final = """
(selector, text) => {
  const meant = (node) => text === null || node.textContent.trim() === text;
  const one = [...document.querySelectorAll(selector)].find(meant);
  if (!one) return null;
  one.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const { left, top, width, height } = one.getBoundingClientRect();
  const [x, y] = [left + width / 2, top + height / 2];
  const there = document.elementFromPoint(x, y);
  const targets = [one, ...(one.labels ?? [])];
  const reached = there && (there.contains(one) || targets.some((target) => target.contains(there)));
  return { x, y, hidden: !width || !height, covered: reached ? "" : there?.outerHTML.slice(0, 200) ?? "nothing" };
}
"""
_CHOOSE: Final = """
(selector, wanted) => {
  const one = document.querySelector(selector);
  const option = [...one.options].find(({ value, text }) => value === wanted || text === wanted);
  if (!option) return false;
  option.selected = true;
  one.dispatchEvent(new Event("input", { bubbles: true }));
  one.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}
"""
_AXE: Final = """
async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  const where = (one) => one.nodes.map((node) => node.html.slice(0, 160)).join(" | ");
  return violations.map((one) => `${one.id} (${one.impact}): ${where(one)}`);
}
"""
#: A header that a browser leaves out of account here, and says so: shops' hosts have no TLS in the tests.
_WITHOUT_TLS: Final = "Cross-Origin-Opener-Policy header has been ignored"
Given = Callable[[str], tuple[str, bytes] | None]


class Page:
    """`asked`: every address that was asked for. `wrong`: what went wrong in its scripts, and what it was refused."""

    def __init__(self, devtools: Devtools, session: str, given: Given | None) -> None:
        self._devtools, self._session, self._given = devtools, session, given
        self._loaded = False
        self.asked: list[str] = []
        self.wrong: list[str] = []

    def open(self, address: str) -> "Page":
        """When it is loaded."""
        self._loaded = False
        self._send("Page.navigate", url=address)
        self.until(lambda: self._loaded, f"{address} is loaded")
        return self

    def run(self, function: str, *arguments: Any) -> Any:
        """What a function of JavaScript gives, or what its promise becomes."""
        said = ", ".join(json.dumps(one) for one in arguments)
        answer = self._send(
            "Runtime.evaluate", expression=f"({function})({said})", awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            told = answer["exceptionDetails"]
            raise AssertionError(
                f"{told.get('exception', {}).get('description') or told['text']}; before: {self.wrong}"
            )
        return answer["result"].get("value")

    def until(self, holds: "Callable[[], Any] | str", what: str = "") -> Any:
        """What it gave when it first was true: a function, or an expression of JavaScript in the page."""
        if isinstance(holds, str):
            script, what = holds, what or holds
            holds = lambda: self.run(f"() => Boolean({script})")  # noqa: E731
        end = time.monotonic() + DEADLINE_S
        while True:
            if found := holds():
                return found
            if time.monotonic() > end:
                raise AssertionError(f"after {DEADLINE_S} s still not so: {what}; {self.wrong}; {self.text()[:2000]}")
            self.run("() => new Promise((resolve) => setTimeout(resolve, 10))")

    def click(self, selector: str, text: str | None = None) -> None:
        """With the mouse, as soon as it is there and nothing lies over it."""
        place = self.until(lambda: self.run(_FIND, selector, text), f"{selector} {text or ''} is there")
        assert not place["hidden"], f"{selector} {text or ''} takes no room"
        assert not place["covered"], f"{selector} {text or ''} is covered by {place['covered']}"
        for kind in ("mousePressed", "mouseReleased"):
            self._send("Input.dispatchMouseEvent", type=kind, x=place["x"], y=place["y"], button="left", clickCount=1)

    def follow(self, selector: str, text: str | None = None) -> None:
        """A click that leads to another page, when that is loaded."""
        self._loaded = False
        self.click(selector, text)
        self.until(lambda: self._loaded, f"{selector} {text or ''} leads somewhere")

    def type(self, selector: str, text: str) -> None:
        """In place of what is in the field."""
        self.click(selector)
        self.run("(selector) => document.querySelector(selector).select()", selector)
        if text:
            self._send("Input.insertText", text=text)
        else:
            self.press("Backspace")
        self._drawn()

    def press(self, key: str) -> None:
        code, text = _KEYS[key]
        more: dict[str, Any] = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self._send("Input.dispatchKeyEvent", type="keyDown", **more, **({"text": text} if text else {}))
        self._send("Input.dispatchKeyEvent", type="keyUp", **more)
        self._drawn()

    def choose(self, selector: str, option: str) -> None:
        """Of a select, by value or by label: its list is drawn by no page."""
        assert self.run(_CHOOSE, selector, option), f"{selector} has no {option}"

    def texts(self, selector: str) -> list[str]:
        found: list[str] = self.run(
            "(selector) => [...document.querySelectorAll(selector)].map((one) => one.textContent.trim())", selector
        )
        return found

    def text(self) -> str:
        return str(self.run("() => document.body?.innerText ?? ''"))

    def look(self, width: int, scheme: str = "light", height: int = 900) -> None:
        """Through a window so wide, with colours for day or night."""
        self._send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self._send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self._drawn()

    def picture(self, file: Path) -> None:
        """All of the page, not only what the window shows."""
        shot = self._send("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def findings(self, axe: str) -> list[str]:
        """What axe has to say, by its own source."""
        if not self.run("() => 'axe' in globalThis"):
            self._send("Runtime.evaluate", expression=axe)
        return list(self.run(_AXE))

    def happened(self, event: str, told: dict[str, Any]) -> None:
        match event:
            case "Page.loadEventFired":
                self._loaded = True
            case "Network.requestWillBeSent":
                self.asked.append(told["request"]["url"])
            case "Runtime.exceptionThrown":
                thrown = told["exceptionDetails"]
                self.wrong.append(thrown.get("exception", {}).get("description") or thrown["text"])
            case "Log.entryAdded" if told["entry"]["level"] == "error" and _WITHOUT_TLS not in told["entry"]["text"]:
                self.wrong.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")
            case "Page.javascriptDialogOpening":
                self.wrong.append(f"dialog: {told['message']}")
                self._devtools.tell("Page.handleJavaScriptDialog", self._session, accept=True)
            case "Fetch.requestPaused":
                self._give(told["requestId"], told["request"]["url"])

    def _drawn(self) -> None:
        """Nobody clicks before what was typed is seen."""
        self.run("() => new Promise((seen) => requestAnimationFrame(() => setTimeout(seen)))")

    def _give(self, request: str, address: str) -> None:
        given = self._given(address) if self._given else None
        if given is None:
            self._devtools.tell("Fetch.fulfillRequest", self._session, requestId=request, responseCode=404)
            return
        kind, body = given
        self._devtools.tell(
            "Fetch.fulfillRequest",
            self._session,
            requestId=request,
            responseCode=200,
            responseHeaders=[{"name": "Content-Type", "value": kind}],
            body=base64.b64encode(body).decode(),
        )

    def _send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._devtools.send(method, self._session, **parameters)


@contextmanager
def opened_page(devtools: Devtools, given: Given | None = None, at: str = "") -> Iterator[Page]:
    """A window of a visitor of its own, who brings no cookies. `given` is what the origin `at` has."""
    context = devtools.send("Target.createBrowserContext")["browserContextId"]
    target = devtools.send("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
    session = devtools.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    page = Page(devtools, session, given)
    devtools.listen(session, page.happened)
    for domain in ("Page", "Network", "Runtime", "Log"):
        devtools.send(f"{domain}.enable", session)
    if given is not None:
        devtools.send("Fetch.enable", session, patterns=[{"urlPattern": f"{at}/*"}])
    devtools.send("Emulation.setFocusEmulationEnabled", session, enabled=True)
    page.look(1280)
    try:
        yield page
    finally:
        devtools.send("Target.disposeBrowserContext", browserContextId=context)
