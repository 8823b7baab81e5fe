"""Where the files of citizens lie: a folder, or an S3-compatible store. Rows elsewhere say what they are and whose."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from flows.errors import NotFound, Unavailable
from flows.wording import N_

CALL_WITHIN = timedelta(seconds=10)
RETRY_WITHIN = timedelta(seconds=20)


class FilesAway(Unavailable):
    message = N_("Files cannot be kept or shown at the moment. Please try again later.")


class NoSuchFile(NotFound):
    message = N_("This file is not here any more.")


class Files:
    """Bytes by keys that say nothing but the hour in which they came."""

    def __init__(self, store: LocalStore | S3Store) -> None:
        self._store = store

    @classmethod
    def at(cls, folder: Path, url: str | None) -> "Files":
        """In `folder`, which is made; or in the store at `url`, s3://bucket/prefix.

        Address, region and credentials of an S3-compatible store come from the environment, by the names that
        obstore reads: AWS_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
        """
        if url is None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return cls(LocalStore(folder))
        # Plain http is what an AWS_ENDPOINT on a private network may ask for; nothing falls back to it.
        store = S3Store.from_url(
            url,
            client_options={"timeout": CALL_WITHIN, "connect_timeout": CALL_WITHIN, "allow_http": True},
            retry_config={"retry_timeout": RETRY_WITHIN, "max_retries": 2},
        )
        return cls(store)

    async def put(self, data: bytes, *, at: datetime) -> str:
        """Keep `data` and say under which key. Raises FilesAway."""
        key = f"{_hour(at)}-{secrets.token_hex(16)}"
        try:
            await self._store.put_async(key, data, use_multipart=False)
        except (BaseError, OSError) as problem:
            raise FilesAway from problem
        return key

    async def get(self, key: str) -> bytes:
        """What is kept under `key`. Raises NoSuchFile, FilesAway."""
        try:
            found = await self._store.get_async(key)
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            raise NoSuchFile from None
        except (BaseError, OSError) as problem:
            raise FilesAway from problem

    async def delete(self, key: str) -> None:
        """Repeating it changes nothing. Raises FilesAway."""
        try:
            await self._store.delete_async(key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as problem:
            raise FilesAway from problem

    async def keys(self, *, since: datetime, before: datetime) -> AsyncIterator[list[str]]:
        """The keys of what came in the hours from `since` to the one before `before`, in pieces. Raises FilesAway."""
        end = _hour(before)
        try:
            async for piece in self._store.list(offset=_hour(since)):
                yield [found["path"] for found in piece if found["path"] < end]
        except (BaseError, OSError) as problem:
            raise FilesAway from problem


def _hour(at: datetime) -> str:
    """How the keys of one hour begin. A folder for each day keeps folders small, and old ones out of a listing."""
    return f"{at.astimezone(UTC):%Y-%m-%d/%H}"
