"""Installs headless Chromium where there is nothing but Python, and runs it for as long as it is needed.

The npm package has the binary, the libraries that a bare machine lacks, and a font. It is unpacked once for each lock
file, beside the packages. Debian's own Chromium is not asked for: the same browser looks at the pages everywhere.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.browser.devtools import Devtools
from tests.support.node_packages import installed, run

PACKAGES: Final = Path(__file__).parent / "node"
#: Which parts of the package are used, and into which folder a part that is an archive is unpacked.
_PARTS: Final = {"chromium": None, "al2023.tar": "libraries", "fonts.tar": "fonts"}
_FLAGS: Final = (
    "--headless",
    "--no-sandbox",  # root has none, and only our own pages are opened
    "--no-zygote",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--font-render-hinting=none",
    "--host-resolver-rules=MAP * 127.0.0.1",  # whatever a page asks for, it stays on this machine
    "--disable-features=LocalNetworkAccessChecks",  # pages of a shop's domain ask the API, which is here
    "--remote-debugging-pipe",
)
#: Where the browser looks for its pipe.
_AT_3_AND_4: Final = """
import os, sys
while (free := os.dup(0)) <= 4: pass
to, back = (os.dup(int(one)) for one in sys.argv[1:3])
os.dup2(to, 3)
os.dup2(back, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_FONTS: Final = """<?xml version="1.0"?>
<fontconfig><dir>{folder}/fonts</dir><dir>/usr/share/fonts</dir><cachedir>{folder}/font-cache</cachedir></fontconfig>
"""


def browser_packages(software: Path) -> Path:
    """The folder with `node_modules`, and `chromium/` beside them."""
    packages = installed(software, PACKAGES)
    target = packages / "chromium"
    if not target.is_dir():
        beside = packages / f".chromium.{os.getpid()}"
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir()
        packed = packages / "node_modules" / "@sparticuz" / "chromium" / "bin"
        run(PACKAGES / "unpack.mjs", str(packed), str(beside), *_PARTS, folder=packages)
        for name, folder in _PARTS.items():
            if folder is not None:
                with tarfile.open(beside / name) as archive:
                    archive.extractall(beside / folder, filter="data")
        (beside / "chromium").chmod(0o755)
        (beside / "fonts.conf").write_text(_FONTS.format(folder=target))
        try:
            beside.rename(target)
        except OSError:  # another worker was faster
            shutil.rmtree(beside)
    return packages


@contextmanager
def chromium(software: Path) -> Iterator[Devtools]:
    """Its profile is thrown away at the end."""
    folder = browser_packages(software) / "chromium"
    to_browser, told = os.pipe()
    heard, from_browser = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", _AT_3_AND_4, str(to_browser), str(from_browser)),
                *(folder / "chromium", *_FLAGS, f"--user-data-dir={profile}"),
            ],
            env={
                "HOME": profile,
                "LD_LIBRARY_PATH": str(folder / "libraries" / "lib"),
                "FONTCONFIG_FILE": str(folder / "fonts.conf"),
                "TZ": "UTC",
            },
            pass_fds=(to_browser, from_browser),
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        devtools = Devtools(heard, told)
        try:
            yield devtools
        finally:
            devtools.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
