"""What a shop may switch off, and which permissions are about it: this table."""

from typing import Final, Literal

from api.domain.errors import ModuleOff

Module = Literal["analytics", "imports", "registry", "search"]
ALL: Final[tuple[Module, ...]] = ("analytics", "imports", "registry", "search")
_BY_RESOURCE: Final[dict[str, Module]] = {"analytics": "analytics", "schemas": "registry", "search": "search"}
_BY_ACTION: Final[dict[str, Module]] = {"import": "imports"}


def module_of(permission: str) -> Module | None:
    """None: it is about nothing that can be switched off."""
    resource, _, action = permission.partition(":")
    return _BY_RESOURCE.get(resource) or _BY_ACTION.get(action)


def require_on(permission: str, modules: tuple[str, ...]) -> None:
    """Raises `ModuleOff`."""
    module = module_of(permission)
    if module is not None and module not in modules:
        raise ModuleOff(module)
