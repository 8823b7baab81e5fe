"""An S3-compatible store on loopback, as much of one as keeps files: put, get, delete, list."""

import re
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


class S3Server:
    """One bucket."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/{bucket}", self._list, methods=["GET"]),
                Route("/{bucket}", self._delete, methods=["POST"]),
                Route("/{bucket}/{key:path}", self._object, methods=["GET", "PUT"]),
            ]
        )

    async def _object(self, request: Request) -> Response:
        key = request.path_params["key"]
        assert request.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=an-id/")
        if request.method == "PUT":
            self.objects[key] = await request.body()
            return Response(headers={"ETag": '"1"'})
        if key not in self.objects:
            return Response("<Error><Code>NoSuchKey</Code></Error>", 404, media_type="application/xml")
        made = "Mon, 02 Mar 2026 01:00:00 GMT"
        return Response(self.objects[key], headers={"ETag": '"1"', "Last-Modified": made})

    async def _delete(self, request: Request) -> Response:
        assert "delete" in request.query_params
        asked = re.findall(r"<Key>([^<]*)</Key>", (await request.body()).decode())
        for key in asked:
            self.objects.pop(key, None)
        rows = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in asked)
        return Response(f"<DeleteResult>{rows}</DeleteResult>", media_type="application/xml")

    async def _list(self, request: Request) -> Response:
        prefix, after = request.query_params.get("prefix", ""), request.query_params.get("start-after", "")
        found = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        made = "2026-03-02T01:00:00.000Z"
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{made}</LastModified><ETag>1</ETag>"
            f"<Size>{len(self.objects[key])}</Size></Contents>"
            for key in found
        )
        body = f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        return Response(body, media_type="application/xml")
