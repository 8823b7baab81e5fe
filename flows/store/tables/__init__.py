"""The tables, a module a slice, each written to by that slice only."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, MetaData
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Every time is aware and kept in UTC."""

    type_annotation_map = {datetime: DateTime(timezone=True), int: BigInteger}  # noqa: RUF012  # SQLAlchemy reads it here


def metadata() -> MetaData:
    """All tables, for migrations and for the guards in the tests."""
    from flows.store.tables import (  # noqa: F401, PLC0415  # they register themselves on Base
        accounts,
        announcing,
        answering,
        citizens,
        commitments,
        delivering,
        indicators,
        keeping,
        reviewing,
        scheduling,
        subscribing,
        suggesting,
    )

    return Base.metadata
