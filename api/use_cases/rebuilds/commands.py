"""What people ask to be done about the builds of a read model."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, StrictBool, StringConstraints, model_validator

from api.use_cases.fields import Input, ShopSlug
from sinks.rebuild.rebuild_request import Source

BuildName = Annotated[str, StringConstraints(max_length=40, pattern=r"^v[1-9][0-9]*(-b[1-9][0-9]*)?$")]


class RebuildResume(Input):
    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"hold": True}]})

    hold: StrictBool = Field(default=False, description="Make and judge it, and lead nobody to it: `promote` does.")


class RebuildStart(RebuildResume):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{}, {"hold": True}, {"source": "tables"}, {"tenants": ["store-367"]}]}
    )

    source: Source = Field(
        default="log",
        description="`log`: read all of it. `tables`: read them, and of the log only what comes meanwhile.",
    )
    tenants: list[ShopSlug] = Field(
        default=[],
        min_length=1,
        max_length=100,
        description="These shops alone, in place: all that their tables say is told once more, and compared.",
    )

    @model_validator(mode="after")
    def _shops_are_told_in_place(self) -> Self:
        if self.tenants and (self.hold or self.source != "log"):
            raise ValueError("shops alone are told again in place: neither `hold` nor `source` goes with `tenants`")
        return self


class BuildDrop(Input):
    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"build": "v8-b2"}]})

    build: BuildName | None = Field(
        default=None,
        description="As `v8-b2`. Without it all that readers are not led to: those of before, and that wait.",
    )
