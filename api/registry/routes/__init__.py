"""The registry over HTTP: what Confluent's can be asked, in the same words."""

from typing import Final

from apiflask import APIBlueprint

from api.registry.routes.compatibility import compatibility
from api.registry.routes.config import config
from api.registry.routes.modes import modes
from api.registry.routes.schemas import schemas
from api.registry.routes.server import server
from api.registry.routes.subjects import subjects
from api.registry.routes.versions import versions

ROUTES: Final[tuple[APIBlueprint, ...]] = (schemas, subjects, versions, compatibility, config, modes, server)
