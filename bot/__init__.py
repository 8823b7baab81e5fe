"""How the world reaches us: commands, channels, pages, the clock and the worker."""
