"""A TypeScript client made of the API's document has the types of what is answered, and does what it says."""

import json
import re
import shutil
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.integration.api.served import serving
from tests.integration.api.shops import Shop
from tests.support.node_packages import installed, run
from tests.support.stack import Stack

pytestmark = pytest.mark.servers

PAGE: Final = Path(__file__).parents[4] / "docs" / "http-api.md"
SURROUNDINGS: Final = 'import { placeOrder } from "./generated/sdk.gen.ts";\ndeclare const token: string;\n'
HERE: Final = Path(__file__).parent / "node"


def test_a_generated_client_opens_a_shop_and_buys_there(servers: Stack, shop: Shop, tmp_path: Path) -> None:
    packages = installed(servers.settings.folder.software, HERE)
    for file in HERE.iterdir():
        shutil.copyfile(file, tmp_path / file.name)
    (tmp_path / "node_modules").symlink_to(packages / "node_modules")
    modules = tmp_path / "node_modules"
    on_page = re.search("```typescript\n(const placed.*?)```", PAGE.read_text(), re.DOTALL)
    assert on_page
    (tmp_path / "page.ts").write_text(SURROUNDINGS + on_page[1])

    with serving(servers) as served:
        (tmp_path / "openapi.json").write_text(httpx.get(f"{served.url}/openapi.json").text)
        run(modules / "@hey-api" / "openapi-ts" / "bin" / "run.js", folder=tmp_path)
        run(modules / "typescript" / "bin" / "tsc", "-p", ".", folder=tmp_path)
        boss, customer = (shop.headers(role).get("Authorization", "")[7:] for role in ("admin", "customer"))
        told = run(tmp_path / "buy_bread.ts", served.url, boss, customer, folder=tmp_path)

    assert json.loads(told) == {
        "title": "Rye bread",
        "totalMinor": 1260,
        "sameOrder": True,
        "orders": 1,
        "refused": "forbidden",
        "fields": ["lines.0.sku"],
    }
