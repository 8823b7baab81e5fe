"""What happens, whatever the channel. Nothing in here imports `bot`."""
