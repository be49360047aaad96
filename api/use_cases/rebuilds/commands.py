"""What people ask to be done about the builds of a read model."""

from typing import Annotated

from pydantic import ConfigDict, Field, StrictBool, StringConstraints

from api.use_cases.fields import Input

BuildName = Annotated[str, StringConstraints(max_length=40, pattern=r"^v[1-9][0-9]*(-b[1-9][0-9]*)?$")]


class RebuildStart(Input):
    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"hold": True}]})

    hold: StrictBool = Field(default=False, description="Make and judge it, and lead nobody to it: `promote` does.")


class BuildDrop(Input):
    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"build": "v8-b2"}]})

    build: BuildName | None = Field(
        default=None,
        description="As `v8-b2`. Without it all that readers are not led to: those of before, and that wait.",
    )
