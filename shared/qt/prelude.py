"""What a window's program does before it imports the rest, so that it is up sooner and takes less room."""

import builtins
import gc
import os
from importlib import import_module


def prelude() -> None:
    """Call it once, before any other module of ours is imported.

    Nothing that imports make is garbage, but Python's collector would walk through all of it again and again; the
    `Sweeper` looks for garbage once the window is up. Pydantic would ask every library of the machine whether it has
    something to add. And Qt for Python can spell its names in another way for a module that asks for it: to see which
    may ask it reads the source of every module that is imported after it, and keeps it. None of ours asks.
    """
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    import_module("PySide6.QtCore")  # it puts its reading into `__import__`
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
