"""Writing many rows at once, where composing Django's statement costs more than the database does."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def insert_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    prepared: bool = False,
) -> None:
    """Insert rows of ``columns`` (attribute names) in the caller's transaction; other columns get their field's default.

    ``prepared`` rows hold values as the database's driver takes them. ``rows`` must not ask the database anything while
    they are given: it is listening to them. About a third of the cost of ``bulk_create``; no keys come back.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    written = [fields[name] for name in columns]
    others = [field for name, field in fields.items() if name not in columns and not field.primary_key]
    constant = [field.get_db_prep_save(field.get_default(), connection) for field in others]
    names = ", ".join(connection.ops.quote_name(field.column) for field in [*written, *others])
    table = connection.ops.quote_name(model._meta.db_table)

    def whole_rows() -> Iterable[list[Any]]:
        for row in rows:
            if prepared:
                yield [*row, *constant]
            else:
                values = zip(written, row, strict=True)
                yield [*(field.get_db_prep_save(value, connection) for field, value in values), *constant]

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in whole_rows():
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * (len(written) + len(others)))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", whole_rows())  # noqa: S608
