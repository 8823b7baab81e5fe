"""Every setting: its name, type, default and meaning. From the environment and `.env`, read once, in `cli.py`."""

from pathlib import Path
from typing import Literal
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a deployer decides. What staff change while it runs lives in rows."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    port: int = Field(8000, ge=1, le=65535, description="Port of the web server, on loopback.")
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    data_dir: Path = Field(Path("var"), description="Folder of the embedded database and everything generated.")
    database_url: SecretStr | None = Field(None, description="postgresql:// address; embedded PostgreSQL without one.")
    files_url: str | None = Field(
        None, pattern=r"^s3://[^/]+", description="s3://bucket/prefix for files of citizens; under DATA_DIR without it."
    )
    nlu_url: str | None = Field(None, description="Address of an NLU service elsewhere; our own process without one.")
    telegram_token: SecretStr | None = Field(None, description="The Telegram bot's token; no Telegram without one.")
    telegram_api_url: str = Field("https://api.telegram.org", description="Root of the Bot API server.")
    telegram_per_second: float = Field(
        30, gt=0, le=10_000, description="Messages a second that Telegram allows the bot."
    )
    telegram_chat_pause: float = Field(
        1, ge=0, le=60, description="Seconds between two alerts in one chat of Telegram."
    )
    delivery_uncertain: Literal["again", "leave"] = Field(
        "again", description="What becomes of an alert that may have arrived: sent again, or left as it is."
    )
    delivery_pause_after: int = Field(25, ge=1, description="Errors in a row after which a broadcast pauses itself.")
    public_url: str | None = Field(None, description="Address under which citizens reach the pages.")
    tz_name: str | None = Field(None, description="The city's time zone, if another than flows/city.yml names.")
    chat_rate_per_session: int = Field(30, ge=0, description="Messages a minute from one citizen; 0 means no limit.")
    chat_rate_per_address: int = Field(120, ge=0, description="Web messages a minute from one address; 0: no limit.")
    log_json: bool = Field(False, description="Log lines as JSON, for a log collector.")

    @field_validator("tz_name")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        if name is not None and name not in available_timezones():
            raise ValueError("not a time zone; write one such as Asia/Seoul")
        return name

    @property
    def pages_url(self) -> str:
        return (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")
