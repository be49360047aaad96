"""Says which functions a statement that came over HTTP may call: those that are made of their arguments alone.

They are allowed by kind, as DuckDB itself declares it, not by a list of names less some that are known to be bad: a
list of bad names is right until the next version of DuckDB. Pure scalar functions, aggregates and windows are allowed;
what DuckDB says depends on anything else (settings, variables, sequences, logs) is not, but for clock and dice. A macro
may be about the catalogue, so macros are named. This is the second wall only: the process has nothing to be read.
"""

from collections.abc import Collection
from typing import Final

import duckdb

#: They make rows of their arguments.
TABLE_FUNCTIONS: Final = frozenset({"generate_series", "range", "unnest"})
#: Of no declared kind, or not pure, and yet of nothing but the clock, dice and the arguments.
_NAMED: Final = frozenset(
    {
        *("current_date", "current_timestamp", "get_current_time", "get_current_timestamp", "now", "today"),
        *("transaction_timestamp", "gen_random_uuid", "random", "uuid", "uuidv4", "uuidv7", "error", "unnest"),
    }
)
_MACROS: Final = frozenset(
    {
        *("ago", "array_to_string", "array_to_string_comma_default", "date_add", "days_in_month", "fdiv", "fmod"),
        *("generate_subscripts", "geomean", "geometric_mean", "if", "json", "json_group_array", "json_group_object"),
        *("json_group_structure", "map_contains_entry", "map_contains_value", "md5_number_lower", "md5_number_upper"),
        *("nullif", "regexp_split_to_table", "split_part", "wavg", "weighted_avg"),
    }
)
_MACRO_FAMILIES: Final = ("list_", "array_")
#: Pure, but of DuckDB's own insides: they take bytes for its own structures, or statements for their argument.
_INSIDES: Final = frozenset(
    {
        *("cast_to_type", "combine", "combine_aggr", "create_sort_key", "finalize", "index_key", "invoke"),
        *("json_deserialize_sql", "json_serialize_plan", "json_serialize_sql", "parse_duckdb_log_message"),
        *("remap_struct", "to_aggregate_state", "variant_comparator", "version"),
    }
)
_PURE: Final = """
    SELECT DISTINCT lower(function_name) FROM duckdb_functions()
    WHERE list_contains(?, lower(function_name)) AND database_name = 'system' AND internal
      AND (function_type IN ('aggregate', 'window') OR (function_type = 'scalar' AND stability = 'CONSISTENT'))
"""


def not_allowed(connection: duckdb.DuckDBPyConnection, names: Collection[str]) -> list[str]:
    """Those of these functions that a statement may not call, or that do not exist. In small letters, in order."""
    asked = {name.lower() for name in names} - _NAMED - _MACROS
    rows = connection.execute(_PURE, [sorted(asked)]).fetchall()
    pure = {name for (name,) in rows if name not in _INSIDES and not name.startswith("__")}
    return sorted(name for name in asked - pure if not _is_of_a_list(connection, name))


def _is_of_a_list(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether it is a macro that does to a list what an aggregate does to rows."""
    if not name.startswith(_MACRO_FAMILIES):
        return False
    found = "SELECT 1 FROM duckdb_functions() WHERE function_name = ? AND function_type = 'macro' AND internal"
    return bool(connection.execute(found, [name]).fetchall())
