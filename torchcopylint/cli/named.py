"""The commands, by name."""

from __future__ import annotations

COMMANDS = ("check", "rule", "config", "baseline", "server", "clean", "debug")
"""Each is the `command` of a module in this package; only the one that is called gets imported."""

FOR_DEVELOPERS = ("debug",)
"""Commands that the short help leaves out."""
