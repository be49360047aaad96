"""Writes a tree of row conditions as a filter of a search."""

from typing import Any

from schemas.row_conditions import All, AnyOf, Not, OneOf, RowCondition, Within


def row_filter(condition: RowCondition) -> dict[str, Any]:
    """For fields that are a keyword or a number: a document without the field says no."""
    match condition:
        case OneOf(column, values):
            return {"terms": {column: list(values)}}
        case Within(column, least, most):
            bounds = {"gte": least, "lte": most}
            given = {side: bound for side, bound in bounds.items() if bound is not None}
            return {"range": {column: given}} if given else {"exists": {"field": column}}
        case All(parts):
            return {"bool": {"filter": [row_filter(part) for part in parts]}} if parts else {"match_all": {}}
        case AnyOf(parts):
            either = {"should": [row_filter(part) for part in parts], "minimum_should_match": 1}
            return {"bool": either} if parts else {"match_none": {}}
        case Not(part):
            return {"bool": {"must_not": [row_filter(part)]}}
