"""The user configuration: settings of one person for all projects, which no project can override."""

from __future__ import annotations

import os
import sys

from torchcopylint.config.file import OWN_FILE, load
from torchcopylint.config.keys import ConfigError
from torchcopylint.config.settings import Confirm


def place() -> str:
    """The path of the file, "" if the user has no configuration directory."""
    folder = os.environ.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(folder):
        usual = os.environ.get("APPDATA", "") if sys.platform == "win32" else os.path.join("~", ".config")
        folder = os.path.expanduser(usual)
    return os.path.join(folder, "torchcopylint", OWN_FILE) if os.path.isabs(folder) else ""


def own() -> Confirm:
    """How the user wants findings tested with torch; raises ConfigError if the file contains anything else."""
    path = place()
    if not os.path.isfile(path):
        return Confirm()
    layer = load(path)
    for key, file in layer.origins.items():
        if key != "confirm":
            raise ConfigError(f"{file}: {key}: only `confirm` is allowed in your user configuration, {path}")
    return layer.settings.confirm or Confirm()
