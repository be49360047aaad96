"""`rustok api routes`: who may call what."""

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def routes(as_json: bool) -> None:
    """Print every route: the permission it needs, and how far each built-in role reaches with it."""
    from api.app import list_routes
    from api.wsgi import unconnected

    found = list_routes(unconnected())
    if as_json:
        listed = [
            {
                "method": one.method,
                "path": one.path,
                "permission": one.permission,
                "public": one.reason,
                "scopes": one.scopes,
                "class": one.route_class,
                "summary": one.summary,
            }
            for one in found
        ]
        click.echo(json.dumps(listed, indent=2))
    else:
        for one in found:
            scopes = " ".join(f"{role}:{scope}" for role, scope in one.scopes.items())
            click.echo(f"{one.method:6} {one.path:60} {one.permission or 'public':24} {scopes or one.reason}")
