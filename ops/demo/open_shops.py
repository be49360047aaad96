"""Opens the demo's shops: a tenant is made when it is missing, and gets a token."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence

from ops.demo.shop_client import Shop
from ops.failure import Failure
from ops.settings import Settings


def open_shops(settings: Settings, slugs: Sequence[str], currency: str, time_zone: str = "UTC") -> list[Shop]:
    """The shops in the order of `slugs`, each seen by its admin. `time_zone`: that of the days of their figures."""
    platform = Shop(settings.api_url, "platform", _tokens(settings, "--role", "super_admin")["super_admin"])
    known = {tenant["slug"] for tenant in platform.pages("/v1/tenants")}
    for slug in slugs:
        if slug not in known:
            name = slug.replace("-", " ").capitalize()
            about = {"slug": slug, "name": name, "domains": [host_of(slug)], "time_zone": time_zone}
            platform.post("/v1/tenants", {**about, "default_locale": "en", "currency": currency})
    platform.close()
    arguments = [argument for slug in slugs for argument in ("--tenant", slug)]
    tokens = _tokens(settings, "--role", "admin", "--actor", "demo", *arguments)
    return [Shop(settings.api_url, slug, tokens[slug]) for slug in slugs]


def host_of(slug: str) -> str:
    """Where its visitors come to; every `.localhost` is this machine."""
    return f"{slug}.localhost"


def environment(settings: Settings) -> dict[str, str]:
    """What a command needs to belong to this stack."""
    return {**os.environ, "RUSTOK_HOME": str(settings.home), "RUSTOK_STACK": settings.stack}


def _tokens(settings: Settings, *arguments: str) -> dict[str, str]:
    command = [sys.executable, "-m", "ops.cli", "api", "token", "--json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(settings))
    if done.returncode != 0:
        raise Failure(f"`rustok api token` failed: {done.stderr.strip()}", "`rustok status` shows what is down.")
    tokens: dict[str, str] = json.loads(done.stdout)
    return tokens
