"""Telegram: a loop that asks the Bot API for what citizens wrote, and a sender for what they are told."""

from bot.channels.telegram.client import Telegram

__all__ = ["Telegram"]
