"""What the publication that capture reads must be: all inserts of the outbox, and nothing else."""

from typing import Final

#: As a condition in SQL, with a {publication} and a {table} to be filled in as literals.
IS_RIGHT: Final = """
    EXISTS (
        SELECT FROM pg_publication p
        JOIN pg_publication_rel r ON r.prpubid = p.oid
        JOIN pg_class c ON c.oid = r.prrelid
        WHERE p.pubname = {publication} AND c.relname = {table} AND c.relpersistence = 'p'
          AND r.prqual IS NULL AND r.prattrs IS NULL
          AND p.pubinsert AND NOT (p.pubupdate OR p.pubdelete OR p.pubtruncate OR p.puballtables)
          AND (SELECT count(*) FROM pg_publication_rel other WHERE other.prpubid = p.oid) = 1
    )
"""
