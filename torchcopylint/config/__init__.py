"""What to lint and what to report: for each file the nearest configuration, below the command line."""

from __future__ import annotations

from torchcopylint.config.keys import ConfigError, confidence, selectors
from torchcopylint.config.nearest import Nearest
from torchcopylint.config.settings import Confirm, PerFile, Settings

__all__ = ["ConfigError", "Confirm", "Nearest", "PerFile", "Settings", "confidence", "selectors"]
