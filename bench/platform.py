"""A Bot API server that keeps the platform's limits to the letter and counts every call: `python -m bench.platform`.

In a process of its own and with nothing in its way, so that it is not what is measured. It knows sendMessage alone.
The limit is a strict sliding second: no second, wherever it begins, has more than `--per-second` accepted messages.
Some chats misbehave, by the last two digits of their number, if `--faults` is given:

00-04  the person has blocked the bot: 403
05-09  the first call ends in 502
10     the first message is taken, and the connection closed without an answer

`GET /counts` answers with what was accepted, by chat, and when; `POST /forget` begins anew.
"""

import argparse
import asyncio
import json
import re
import time
from collections import Counter, deque
from typing import Any

CHAT = re.compile(rb"chat_id=(\d+)")
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
BLOCKED, FAILING, SILENT = range(5), range(5, 10), (10,)


class Platform:
    """What was asked of the server, and what it said."""

    def __init__(self, per_second: int, *, faults: bool) -> None:
        self._per_second, self._faults = per_second, faults
        self.forget()

    def forget(self) -> None:
        self.accepted: list[tuple[float, int]] = []
        self.refused: list[float] = []  # with 429
        self._calls: Counter[int] = Counter()
        self._recent: deque[float] = deque()

    def counts(self) -> dict[str, Any]:
        return {"accepted": self.accepted, "refused": self.refused}

    def answer(self, chat: int) -> tuple[int, dict[str, Any]] | None:
        """Status and body; None closes the connection without a word."""
        now_s = time.time()
        self._calls[chat] += 1
        fault = chat % 100 if self._faults else 99
        if fault in BLOCKED:
            return 403, _no(403, "Forbidden: bot was blocked by the user")
        if fault in FAILING and self._calls[chat] == 1:
            return 502, _no(502, "Bad Gateway")
        if self._per_second:
            while self._recent and self._recent[0] <= now_s - 1:
                self._recent.popleft()
            if len(self._recent) >= self._per_second:
                self.refused.append(now_s)
                return 429, _no(429, "Too Many Requests: retry after 1", parameters={"retry_after": 1})
            self._recent.append(now_s)
        self.accepted.append((now_s, chat))
        if fault in SILENT and self._calls[chat] == 1:
            return None
        sent = {"message_id": len(self.accepted), "date": int(now_s), "chat": {"id": chat, "type": "private"}}
        return 200, {"ok": True, "result": sent}


class Connection(asyncio.Protocol):
    """HTTP/1.1 with kept connections and no pipelining, as much of it as a client of ours speaks."""

    def __init__(self, platform: Platform) -> None:
        self._platform, self._buffer = platform, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, mark, rest = self._buffer.partition(b"\r\n\r\n")
        length = int(found[1]) if (found := LENGTH.search(head)) else 0
        if not mark or len(rest) < length:
            return
        self._buffer = b""
        answer = self._answer(head.split(b" ", 2)[1], rest)
        if answer is None:
            self._transport.close()
            return
        status, body = answer
        written = json.dumps(body).encode()
        self._transport.write(
            b"HTTP/1.1 %d -\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(written))
            + written
        )

    def _answer(self, path: bytes, body: bytes) -> tuple[int, dict[str, Any]] | None:
        if path == b"/counts":
            return 200, self._platform.counts()
        if path == b"/forget":
            self._platform.forget()
            return 200, {}
        if path.lower().endswith(b"/sendmessage") and (chat := CHAT.search(body)):
            return self._platform.answer(int(chat[1]))
        return 404, _no(404, "Not Found")


def _no(status: int, why: str, **more: object) -> dict[str, Any]:
    return {"ok": False, "error_code": status, "description": why, **more}


async def serve(port: int, platform: Platform) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Connection(platform), "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.platform")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--per-second", type=int, default=0, help="0: no limit")
    parser.add_argument("--faults", action="store_true")
    args = parser.parse_args()
    asyncio.run(serve(args.port, Platform(args.per_second, faults=args.faults)))


if __name__ == "__main__":
    main()
