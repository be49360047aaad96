"""`rustok schemas doc | impact | matrix | register`: what can be said of events with their consumers in sight."""

import click


@click.command()
def doc() -> None:
    """Write the catalogue of events, docs/event-catalogue.md."""
    raise NotImplementedError


@click.command()
def impact() -> None:
    """Show how documents and rows would change."""
    raise NotImplementedError


@click.command()
def matrix() -> None:
    """Every stored version beside what each consumer knows."""
    raise NotImplementedError


@click.command()
def register() -> None:
    """Register every version of every event at a registry."""
    raise NotImplementedError
