"""A living page of what is sold: `marimo run notebooks/dashboard.py`. Nothing is asked but the published snapshot."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="What is sold")


@app.cell
def _():
    import datetime
    import json
    import pathlib
    import subprocess
    import sys

    import altair as alt
    import duckdb
    import marimo as mo

    return alt, datetime, duckdb, json, mo, pathlib, subprocess, sys


@app.cell
def _(mo):
    again = mo.ui.refresh(options=["5s", "30s", "5m"], default_interval="30s", label="look again")
    certified = mo.ui.switch(label="only what was certified")
    return again, certified


@app.cell
def _(again, certified, duckdb, mo, pathlib, subprocess, sys):
    _tick = again.value  # each time that it ticks, the newest snapshot is looked for
    _command = [sys.executable, "-m", "ops.cli", "sinks", "snapshot", *(["--certified"] if certified.value else [])]
    _found = subprocess.run(_command, capture_output=True, text=True, check=False)
    mo.stop(_found.returncode != 0, mo.md(f"**There is nothing to show yet.** {_found.stderr.strip()}").callout("warn"))
    snapshot = pathlib.Path(_found.stdout.strip())
    sales = duckdb.connect(snapshot, read_only=True)
    return sales, snapshot


@app.cell
def _(mo, sales):
    _shops = sales.execute(
        """
        SELECT coalesce(shop.name, orders.tenant_id::VARCHAR), orders.tenant_id::VARCHAR
        FROM orders LEFT JOIN dim_shops AS shop USING (tenant_id)
        WHERE paid_at IS NOT NULL GROUP BY ALL ORDER BY count(*) DESC
        """
    ).fetchall()
    mo.stop(not _shops, mo.md("**Nothing was sold yet.**").callout("warn"))
    shop = mo.ui.dropdown(dict(_shops), value=_shops[0][0], label="shop", searchable=True)
    weeks = mo.ui.slider(1, 52, value=4, label="weeks", show_value=True)
    return shop, weeks


@app.cell
def _(mo, sales, shop):
    _currencies = sales.execute(
        "SELECT currency FROM fct_sales WHERE tenant_id = $tenant GROUP BY 1 ORDER BY count(*) DESC, 1",
        {"tenant": shop.value},
    ).fetchall()
    currency = mo.ui.dropdown([one for (one,) in _currencies], value=_currencies[0][0], label="currency")
    return (currency,)


@app.cell
def _(again, certified, currency, datetime, json, mo, sales, shop, snapshot, weeks):
    _moments = sales.execute("SELECT as_of FROM freshness").fetchall()
    if not certified.value:  # what is said beside the newest goes on when nothing changes
        _told = json.loads((snapshot.parent / "CURRENT").read_text())
        _moments = [(datetime.datetime.fromisoformat(at),) for at in _told["as_of"].values()]
    _as_of = min((at for (at,) in _moments), default=None)
    _age = (
        "nobody vouches for it now"
        if _as_of is None
        else f"{(datetime.datetime.now(datetime.UTC) - _as_of).total_seconds():,.0f} s ago"
    )
    _moment = "" if _as_of is None else f"{_as_of.astimezone(datetime.UTC):%Y-%m-%d %H:%M:%S} UTC, "
    mo.vstack(
        [
            mo.md("# What is sold"),
            mo.hstack([shop, currency, weeks, certified, again], justify="start", wrap=True),
            mo.md(f"as of {_moment}{_age} · `{snapshot.name}`"),
        ]
    )
    return


@app.cell
def _(currency, sales, shop, weeks):
    # The weeks end with the last day on which something moved, and those before them begin as many days earlier.
    ledger = sales.sql(
        """
        WITH shown AS (SELECT * FROM fct_sales WHERE tenant_id = $tenant AND currency = $currency),
        last AS (SELECT max(recognised_on) AS day FROM shown)
        SELECT shown.*, recognised_on > last.day - $days::INTEGER AS is_now
        FROM shown, last WHERE recognised_on > last.day - 2 * $days::INTEGER
        """,
        params={"tenant": shop.value, "currency": currency.value, "days": 7 * weeks.value},
    )
    periods = {
        is_now: figures
        for is_now, *figures in ledger.aggregate(
            "is_now, sum(net_minor)::BIGINT, coalesce(sum(net_minor) FILTER (kind <> 'sale'), 0)::BIGINT,"
            " count(DISTINCT order_id) FILTER (kind = 'sale')"
        ).fetchall()
    }
    return ledger, periods


@app.cell
def _(currency, mo, periods):
    def _against(number):
        now, before = (periods.get(is_now, (0, 0, 0))[number] for is_now in (True, False))
        return None if not before else f"{(now - before) / abs(before):+.1%} on the weeks before"

    def _shown(number, label, unit):
        now = periods.get(True, (0, 0, 0))[number]
        return mo.stat(f"{now:,}", label=label, caption=_against(number) or unit, bordered=True)

    _minor = f"minor units of {currency.value}"
    mo.hstack(
        [
            _shown(0, f"net sales ({_minor})", "nothing was sold in the weeks before"),
            _shown(1, f"undone ({_minor})", "nothing was undone in the weeks before"),
            _shown(2, "orders", "none in the weeks before"),
        ],
        widths="equal",
    )
    return


@app.cell
def _(alt, ledger, mo):
    _by_day = (
        ledger.filter("is_now")
        .aggregate(
            "recognised_on AS day, CASE WHEN kind = 'sale' THEN 'sold' ELSE 'undone' END AS what,"
            " sum(net_minor)::BIGINT AS net_minor"
        )
        .order("day, what")
        .df()
    )
    mo.ui.altair_chart(
        alt.Chart(_by_day, title="Net sales by day, undone below zero", width="container", height=240)
        .mark_bar()
        .encode(
            x=alt.X("day:T", title=None),
            y=alt.Y("net_minor:Q", title=None),
            color=alt.Color("what:N", title=None),
            tooltip=["day:T", "what:N", "net_minor:Q"],
        ),
        chart_selection=False,
        legend_selection=False,
    )
    return


@app.cell
def _(ledger, mo):
    def _top(what):
        return (
            ledger.filter("is_now AND line_no IS NOT NULL")
            .aggregate(
                f"coalesce({what}, 'without one') AS name, sum(net_minor)::BIGINT AS net_minor,"
                " count(DISTINCT order_id) AS orders"
            )
            .order("net_minor DESC, name")
            .limit(10)
            .df()
        )

    mo.hstack(
        [
            mo.vstack([mo.md(f"### {title}"), mo.ui.table(_top(what), selection=None, show_download=False)])
            for title, what in (("Categories", "category"), ("Products", "title"))
        ],
        widths="equal",
    )
    return


@app.cell
def _(mo, sales, shop):
    ((_wrong,),) = sales.execute(
        """
        SELECT count(*) FROM (
            SELECT one.order_id FROM fct_orders AS one
            JOIN fct_sales AS entry ON entry.tenant_id = one.tenant_id AND entry.order_id = one.order_id
            WHERE one.tenant_id = $tenant GROUP BY 1 HAVING any_value(one.kept_minor) <> sum(entry.total_minor)
        )
        """,
        {"tenant": shop.value},
    ).fetchall()
    _said = "The entries of every order are what the shop kept of it, to the cent."
    mo.md(
        _said if not _wrong else f"**{_wrong:,} orders do not add up.** `rustok sinks check sales` names them."
    ).callout("success" if not _wrong else "danger")
    return


if __name__ == "__main__":
    app.run()
