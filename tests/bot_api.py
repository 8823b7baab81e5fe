"""A Bot API server on loopback that keeps Telegram's documented limits, and lets a test be the citizen.

Limits: core.telegram.org/bots/api and /bots/faq. By hand: `python -m tests.bot_api --port 8081`, then
`TELEGRAM_API_URL=http://127.0.0.1:8081 TELEGRAM_TOKEN=<as printed>` for the service, and with curl
`POST /control/write {"chat_id": 1, "text": "안녕"}`, `POST /control/press {"chat_id": 1, "button": "menu"}`,
`GET /control/messages?chat_id=1`.
"""

import argparse
import asyncio
import io
import json
import re
import socket
import sys
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import uvicorn
from PIL import Image, UnidentifiedImageError
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

type Json = dict[str, Any]

TOKEN = "123456:a-token-for-tests"
BOT = {"id": 123456, "is_bot": True, "first_name": "Damso", "username": "damso_test_bot"}
TOKEN_SHAPE = re.compile(r"\d+:[\w-]+")

TEXT_MAX_UNITS = 4096  # UTF-16 units after entities are parsed
CAPTION_MAX_UNITS = 1024  # the same under a photo
PHOTO_MAX_BYTES, PHOTO_MAX_SIDES, PHOTO_MAX_RATIO = 10 * 1024 * 1024, 10_000, 20  # width and height added; and divided
CALLBACK_DATA_MAX_BYTES = 64
CALLBACK_ANSWER_MAX_CHARS = 200
BUTTONS_MAX = 100
COMMANDS_MAX, COMMAND_SHAPE, DESCRIPTION_MAX_CHARS = 100, re.compile(r"[a-z0-9_]{1,32}"), 256
UPDATES_MAX = 100
FILE_MAX_BYTES = 20 * 1024 * 1024  # that getFile gives out
OVERALL_PER_SECOND = 30
CHAT_PER_SECOND, CHAT_BURST = 1, 20  # "short bursts" are tolerated, says the FAQ, and not how short

TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "span", "tg-spoiler"}
TAGS |= {"tg-emoji", "blockquote"}
KNOWN_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
TAG = re.compile(r"<(/?)([a-zA-Z-]*)((?:\s+[a-z-]+(?:=\"[^\"]*\")?)*)\s*>|<")
HREF = re.compile(r'href="([^"]*)"')


class Refusal(Exception):
    """An answer with `ok: false`."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


@dataclass(frozen=True)
class Sent:
    """A message of the bot, as the citizen sees it, and as it was sent."""

    id: int
    chat: int
    text: str
    html: str
    links: tuple[tuple[str, str], ...]
    rows: tuple[tuple[tuple[str, str], ...], ...]
    preview: bool
    photo: bytes | None = None

    @property
    def buttons(self) -> dict[str, str]:
        """Values by their labels."""
        return {label: value for row in self.rows for label, value in row}


@dataclass
class Bucket:
    """What is left of a chat's burst, and when that was."""

    left: float
    at: float


@dataclass
class BotApi:
    """The server and, in its plain methods, the citizens. All of it lives in one event loop."""

    token: str = TOKEN
    clock_s: Callable[[], float] = time.monotonic
    overall_per_second: int = OVERALL_PER_SECOND
    chat_burst: int = CHAT_BURST
    url: str = ""
    updates: deque[Json] = field(default_factory=deque)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    commands: dict[str, list[Json]] = field(default_factory=dict)
    webhook: str = ""
    files: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._sent: list[Sent] = []
        self._chats: dict[int, str] = {}
        self._blocked: set[int] = set()
        self._failures: defaultdict[str, deque[tuple[int, Json | str]]] = defaultdict(deque)
        self._open_queries: set[str] = set()
        self._next_update = 1000
        self._poll = 0
        self._allowed: list[str] = []
        self._recent: deque[float] = deque()
        self._buckets: dict[int, Bucket] = {}
        self._news = asyncio.Event()

    # The citizens' side

    def write(self, chat_id: int, text: str, language_code: str | None = "ko") -> int:
        """The citizen writes `text`. Returns the update's id."""
        return self.write_message(chat_id, language_code, text=text)

    def write_message(
        self, chat_id: int, language_code: str | None = "ko", chat_type: str = "private", **content: object
    ) -> int:
        """Any message, such as `sticker={...}`."""
        self._chats[chat_id] = language_code or ""
        message = {**self._message(chat_id, chat_type), "from": self._person(chat_id), **content}
        return self._update(message=message)

    def send_photo(self, chat_id: int, data: bytes, caption: str | None = None) -> int:
        """The citizen sends a photo, of which Telegram makes a small size, too."""
        small = {**self._stored(b"a small size"), "width": 90, "height": 67}
        large = {**self._stored(data), "width": 1280, "height": 960}
        return self.write_message(chat_id, photo=[small, large], **({"caption": caption} if caption else {}))

    def send_document(self, chat_id: int, data: bytes, name: str, media_type: str) -> int:
        """The citizen sends a file, of which their own program says name and type."""
        return self.write_message(chat_id, document={**self._stored(data), "file_name": name, "mime_type": media_type})

    def press(self, chat_id: int, button: str) -> int:
        """The citizen presses the newest button with that value or label."""
        for sent in reversed(self.messages(chat_id)):
            for label, value in sent.buttons.items():
                if button in (label, value):
                    query = f"query{self._next_update}"
                    self._open_queries.add(query)
                    message = {**self._message(chat_id, "private"), "from": BOT, "text": sent.text}
                    pressed = {"id": query, "from": self._person(chat_id), "chat_instance": "1"}
                    return self._update(callback_query={**pressed, "message": message, "data": value})
        raise AssertionError(f"no button {button!r} in chat {chat_id}")

    def block(self, chat_id: int) -> int:
        """The citizen blocks the bot: 403 from now on."""
        self._blocked.add(chat_id)
        return self._member(chat_id, "member", "kicked")

    def take_out(self, group_id: int) -> int:
        """A group takes the bot out: 403 from now on."""
        self._blocked.add(group_id)
        return self._member(group_id, "member", "left", "group")

    def unblock(self, chat_id: int) -> int:
        self._blocked.discard(chat_id)
        return self._member(chat_id, "kicked", "member")

    def messages(self, chat_id: int) -> list[Sent]:
        return [sent for sent in self._sent if sent.chat == chat_id]

    async def wait_for(self, chat_id: int, n: int, deadline_s: float = 10) -> list[Sent]:
        """The messages of a chat, once there are `n`."""
        await self.until(lambda: len(self.messages(chat_id)) >= n, deadline_s)
        return self.messages(chat_id)

    async def until(self, holds: Callable[[], bool], deadline_s: float = 10) -> None:
        """Wait for a condition that a call of the bot may make true."""
        async with asyncio.timeout(deadline_s):
            while not holds():
                await self._news.wait()

    def fail_next(self, method: str, status: int, body: Json | str = "") -> None:
        """The next call of `method`, or the next download (`file`), ends so. Calls add up."""
        self._failures[method.lower()].append((status, body))

    def end_polls(self) -> None:
        """Let a getUpdates that waits go home."""
        self._poll += 1
        self._tell()

    # The wire

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._download),
                Route("/control/write", self._control_write, methods=["POST"]),
                Route("/control/press", self._control_press, methods=["POST"]),
                Route("/control/messages", self._control_messages),
            ]
        )

    async def _call(self, request: Request) -> Response:
        method = request.path_params["method"]
        try:
            self._check_token(request.path_params["token"])
            params = await _params(request)
            self.calls.append((method, params))
            if failures := self._failures[method.lower()]:
                return _failed(*failures.popleft())
            if (answer := self._methods.get(method.lower())) is None:
                raise Refusal(404, "Not Found")
            return JSONResponse({"ok": True, "result": await answer(params)})
        except Refusal as refusal:
            body: Json = {"ok": False, "error_code": refusal.status, "description": refusal.description}
            if refusal.parameters:
                body["parameters"] = refusal.parameters
            return JSONResponse(body, refusal.status)
        finally:
            self._tell()

    @property
    def _methods(self) -> dict[str, Callable[[Json], Awaitable[Any]]]:
        return {
            "getfile": self._get_file,
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "sendmessage": self._send_message,
            "sendphoto": self._send_photo,
            "answercallbackquery": self._answer_callback_query,
            "setmycommands": self._set_my_commands,
            "getmycommands": self._get_my_commands,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
        }

    def _check_token(self, token: str) -> None:
        if not TOKEN_SHAPE.fullmatch(token):
            raise Refusal(404, "Not Found")
        if token != self.token:
            raise Refusal(401, "Unauthorized")

    async def _get_me(self, _params: Json) -> Json:
        return BOT

    async def _get_file(self, params: Json) -> Json:
        found = self.files.get(str(params.get("file_id")))
        if found is None:
            raise Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(found) > FILE_MAX_BYTES:
            raise Refusal(400, "Bad Request: file is too big")
        return {**_identity(params["file_id"], found), "file_path": f"files/{params['file_id']}"}

    async def _download(self, request: Request) -> Response:
        self._check_token(request.path_params["token"])
        if failures := self._failures["file"]:
            return _failed(*failures.popleft())
        found = self.files.get(request.path_params["path"].removeprefix("files/"))
        return Response(status_code=404) if found is None else Response(found)

    async def _get_updates(self, params: Json) -> list[Json]:
        if self.webhook:
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the "
                "webhook first",
            )
        offset, limit = int(params.get("offset") or 0), int(params.get("limit") or UPDATES_MAX)
        if not 1 <= limit <= UPDATES_MAX:
            raise Refusal(400, "Bad Request: limit is out of range")
        self._allowed = params.get("allowed_updates", self._allowed)
        self.end_polls()
        self._confirm(offset)
        await self._wait_for_updates(self._poll, float(params.get("timeout") or 0))
        return list(self.updates)[:limit]

    def _confirm(self, offset: int) -> None:
        """An offset above an update's id confirms it; a negative one forgets all but the last ones."""
        while self.updates and (self.updates[0]["update_id"] < offset or (offset < 0 and len(self.updates) > -offset)):
            self.updates.popleft()

    async def _wait_for_updates(self, poll: int, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                while not self.updates and poll == self._poll:
                    await self._news.wait()
        except TimeoutError:
            return
        if poll != self._poll:  # the newer request wins
            raise Refusal(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            )

    async def _send_message(self, params: Json) -> Json:
        chat = self._reachable(params.get("chat_id"))
        raw = str(params.get("text") or "")
        seen, links = parse_html(raw) if str(params.get("parse_mode", "")).upper() == "HTML" else (raw, [])
        seen = seen.strip()
        if not seen:
            raise Refusal(400, "Bad Request: message text is empty")
        if len(seen.encode("utf-16-le")) // 2 > TEXT_MAX_UNITS:
            raise Refusal(400, "Bad Request: message is too long")
        rows = _rows(params.get("reply_markup") or {})
        self._count(chat)
        preview = not (params.get("link_preview_options") or {}).get("is_disabled")
        sent = Sent(len(self._sent) + 1, chat, seen, raw, tuple(links), rows, preview)
        self._sent.append(sent)
        return {**self._message(chat, "private"), "message_id": sent.id, "from": BOT, "text": seen}

    async def _send_photo(self, params: Json) -> Json:
        chat = self._reachable(params.get("chat_id"))
        photo, raw = params.get("photo"), str(params.get("caption") or "")
        if not isinstance(photo, bytes):
            raise Refusal(400, "Bad Request: there is no photo in the request")
        if len(photo) > PHOTO_MAX_BYTES:
            raise Refusal(413, "Request Entity Too Large")
        try:
            width, height = Image.open(io.BytesIO(photo)).size
        except UnidentifiedImageError:
            raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED") from None
        if width + height > PHOTO_MAX_SIDES or max(width, height) > PHOTO_MAX_RATIO * min(width, height):
            raise Refusal(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        seen, links = parse_html(raw) if str(params.get("parse_mode", "")).upper() == "HTML" else (raw, [])
        seen = seen.strip()
        if len(seen.encode("utf-16-le")) // 2 > CAPTION_MAX_UNITS:
            raise Refusal(400, "Bad Request: message caption is too long")
        rows = _rows(params.get("reply_markup") or {})
        self._count(chat)
        sent = Sent(len(self._sent) + 1, chat, seen, raw, tuple(links), rows, False, photo)
        self._sent.append(sent)
        sizes = [{**self._stored(photo), "width": width, "height": height}]
        message = {**self._message(chat, "private"), "message_id": sent.id, "from": BOT, "photo": sizes}
        return {**message, **({"caption": seen} if seen else {})}

    def _reachable(self, chat_id: object) -> int:
        written = str(chat_id)
        chat = int(written) if written.lstrip("-").isdigit() else 0
        if chat not in self._chats:
            raise Refusal(400, "Bad Request: chat not found")
        if chat in self._blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        return chat

    def _count(self, chat: int) -> None:
        """One more message. Raises 429 when there are too many of them."""
        now = self.clock_s()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        bucket = self._buckets.setdefault(chat, Bucket(self.chat_burst, now))
        bucket.left = min(self.chat_burst, bucket.left + (now - bucket.at) * CHAT_PER_SECOND)
        bucket.at = now
        if len(self._recent) >= self.overall_per_second or bucket.left < 1:
            raise Refusal(429, "Too Many Requests: retry after 1", retry_after=1)
        bucket.left -= 1
        self._recent.append(now)

    async def _answer_callback_query(self, params: Json) -> bool:
        query = params.get("callback_query_id")
        if query not in self._open_queries:
            raise Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if len(params.get("text") or "") > CALLBACK_ANSWER_MAX_CHARS:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        self._open_queries.discard(query)
        self.acknowledged.add(query)
        return True

    async def _set_my_commands(self, params: Json) -> bool:
        commands = params.get("commands") or []
        if len(commands) > COMMANDS_MAX:
            raise Refusal(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not COMMAND_SHAPE.fullmatch(command["command"]):
                raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= DESCRIPTION_MAX_CHARS:
                raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[params.get("language_code") or ""] = commands
        return True

    async def _get_my_commands(self, params: Json) -> list[Json]:
        return self.commands.get(params.get("language_code") or "", [])

    async def _set_webhook(self, params: Json) -> bool:
        self.webhook = str(params.get("url") or "")
        return True

    async def _delete_webhook(self, params: Json) -> bool:
        self.webhook = ""
        if params.get("drop_pending_updates") is True:
            self.updates.clear()
        return True

    async def _get_webhook_info(self, _params: Json) -> Json:
        return {
            "url": self.webhook,
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
        }

    async def _control_write(self, request: Request) -> Response:
        body = await request.json()
        update = self.write(int(body["chat_id"]), body["text"], body.get("language_code", "ko"))
        return JSONResponse({"update_id": update})

    async def _control_press(self, request: Request) -> Response:
        body = await request.json()
        try:
            return JSONResponse({"update_id": self.press(int(body["chat_id"]), body["button"])})
        except AssertionError as missing:
            return JSONResponse({"error": str(missing)}, 404)

    async def _control_messages(self, request: Request) -> Response:
        sent = self.messages(int(request.query_params["chat_id"]))
        return JSONResponse([{"id": s.id, "text": s.text, "html": s.html, "buttons": s.buttons} for s in sent])

    # What an update is made of

    def _update(self, **content: Json) -> int:
        """Queue an update, if the bot wants its kind."""
        number = self._next_update
        self._next_update += 1
        if not self._allowed or set(content) <= set(self._allowed):
            self.updates.append({"update_id": number, **content})
        self._tell()
        return number

    def _member(self, chat_id: int, old: str, new: str, chat_type: str = "private") -> int:
        person = {"user": BOT, "until_date": 0}
        return self._update(
            my_chat_member={
                "chat": self._message(chat_id, chat_type)["chat"],
                "from": self._person(chat_id),
                "date": int(time.time()),
                "old_chat_member": {"user": BOT, "status": old, **(person if old == "kicked" else {})},
                "new_chat_member": {"user": BOT, "status": new, **(person if new == "kicked" else {})},
            }
        )

    def _stored(self, data: bytes) -> Json:
        file_id = f"file{len(self.files) + 1}"
        self.files[file_id] = data
        return _identity(file_id, data)

    def _message(self, chat_id: int, chat_type: str) -> Json:
        name = {"first_name": "Citizen"} if chat_type == "private" else {"title": "Group"}
        chat = {"id": chat_id, "type": chat_type, **name}
        return {"message_id": self._next_update, "date": int(time.time()), "chat": chat}

    def _person(self, chat_id: int) -> Json:
        code = self._chats.get(chat_id)
        language = {"language_code": code} if code else {}
        return {"id": abs(chat_id), "is_bot": False, "first_name": "Citizen", **language}

    def _tell(self) -> None:
        """Wake whoever waits for a change."""
        self._news.set()
        self._news = asyncio.Event()


def _identity(file_id: str, data: bytes) -> Json:
    return {"file_id": file_id, "file_unique_id": f"unique-{file_id}", "file_size": len(data)}


def parse_html(raw: str) -> tuple[str, list[tuple[str, str]]]:
    """The text that is seen, and its links as (text, address). Raises 400 as Telegram does."""
    seen, at = "", 0
    links: list[tuple[str, str]] = []
    opened: list[tuple[str, int, str]] = []  # name, where in `seen` it begins, address
    for tag in TAG.finditer(raw):
        seen += _unescaped(raw[at : tag.start()])
        at = tag.end()
        closing, name, attributes = tag[1], (tag[2] or "").lower(), tag[3] or ""
        offset = len(raw[: tag.start()].encode())
        if closing:
            if not opened or opened[-1][0] != name:
                raise _unparsed(f"Unexpected end tag at byte offset {offset}")
            _, start, address = opened.pop()
            if address:
                links.append((seen[start:], address))
        elif name not in TAGS:
            raise _unparsed(f'Unsupported start tag "{name}" at byte offset {offset}')
        else:
            href = HREF.search(attributes)
            opened.append((name, len(seen), unescape(href[1]) if href else ""))
    if opened:
        raise _unparsed(f'Can\'t find end tag corresponding to start tag "{opened[-1][0]}"')
    return seen + _unescaped(raw[at:]), links


def _unescaped(raw: str) -> str:
    return KNOWN_ENTITY.sub(lambda entity: unescape(entity[0]), raw)


def _unparsed(why: str) -> Refusal:
    return Refusal(400, f"Bad Request: can't parse entities: {why}")


def _rows(markup: Json) -> tuple[tuple[tuple[str, str], ...], ...]:
    rows = [[(b["text"], b.get("callback_data", "")) for b in row] for row in markup.get("inline_keyboard", [])]
    buttons = [button for row in rows for button in row]
    if len(buttons) > BUTTONS_MAX:
        raise Refusal(400, "Bad Request: reply markup is too long")
    for label, value in buttons:
        if not label.strip():
            raise Refusal(400, "Bad Request: inline keyboard button text must be non-empty")
        if not 1 <= len(value.encode()) <= CALLBACK_DATA_MAX_BYTES:
            raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
    return tuple(tuple(row) for row in rows)


async def _params(request: Request) -> Json:
    """Parameters from the query, a form or JSON; nested ones are JSON texts, as the Bot API has it."""
    if request.headers.get("content-type", "").startswith("application/json"):
        return {**request.query_params, **await request.json()}
    async with request.form() as form:
        files = {name: await value.read() for name, value in form.items() if isinstance(value, UploadFile)}
        written = [(name, value) for name, value in form.items() if isinstance(value, str)]
    return {name: _value(value) for name, value in [*request.query_params.items(), *written]} | files


def _value(written: str) -> Any:
    if written[:1] in ("{", "[") or written in ("true", "false"):
        try:
            return json.loads(written)
        except ValueError:
            return written
    return written


def _failed(status: int, body: Json | str) -> Response:
    if isinstance(body, dict):
        return JSONResponse({"ok": False, "error_code": status, "description": "", **body}, status)
    return Response(body, status)


class LoopbackServer(uvicorn.Server):
    """Uvicorn that leaves the signals to whoever runs the tests."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(api: BotApi | None = None) -> AsyncIterator[BotApi]:
    """Serve `api` on a free port of loopback; `api.url` is its root."""
    api = api or BotApi()
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    api.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    config = uvicorn.Config(api.app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = LoopbackServer(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield api
    finally:
        server.should_exit = True
        api.end_polls()
        await task
        listening.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bot_api", description="A Bot API server on loopback.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--token", default=TOKEN)
    args = parser.parse_args()
    sys.stdout.write(f"TELEGRAM_API_URL=http://127.0.0.1:{args.port} TELEGRAM_TOKEN={args.token}\n")
    sys.stdout.flush()
    uvicorn.run(BotApi(token=args.token).app, port=args.port, log_level="info", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
