"""Channels: each turns its wire format into a Message, and Replies back into it."""
