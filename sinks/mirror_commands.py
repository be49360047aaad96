"""`rustok sinks`: what is published is mirrored for tools that are not ours."""

from typing import Final

import click

from ops.settings import Settings

#: Read models whose tables are facts.
_OF_FACTS: Final = click.Choice(("sales", "searches"))


@click.command()
@click.option("--certified", "of", flag_value="certified", help="From the newest snapshot that was found sound.")
@click.option("--newest", "of", flag_value="newest", help="From the newest there is.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def bi(of: str | None, *, as_json: bool) -> None:
    """Bring the tables for BI tools up to date now; RUSTOK_BI_OF says of which snapshot, if nothing here does."""
    from sinks.bi import bi_command

    settings = Settings()
    bi_command.run(settings, "certified" if (of or settings.bi_of) == "certified" else "newest", as_json=as_json)


@click.command()
@click.argument("model", metavar="[MODEL]", required=False, type=_OF_FACTS)
@click.option("--certified", is_flag=True, help="The newest snapshot that has passed `rustok sinks check`.")
@click.option("--remove", is_flag=True, help="Take its tables out of the lake, with all their files.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def lake(model: str | None, *, certified: bool, remove: bool, as_json: bool) -> None:
    """Mirror the newest snapshot of MODEL, or of each model, as Iceberg tables for Spark, Trino and others.

    What is in the lake already is not written again. The scheduler does this every RUSTOK_LAKE_EVERY_S seconds.
    """
    from sinks.lake import lake_command

    if remove and certified:
        raise click.UsageError("--remove and --certified exclude each other.")
    if remove:
        lake_command.remove(Settings(), model, as_json=as_json)
    else:
        lake_command.run(Settings(), model, certified=certified, as_json=as_json)
