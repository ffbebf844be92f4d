"""A stand-in for Splunk: enough of splunkd and Splunk Web to run one add-on as a real one would."""

from __future__ import annotations

from standins.splunk.command import main
from standins.splunk.errors import StandinError
from standins.splunk.standin import SplunkStandin

__all__ = ["SplunkStandin", "StandinError", "main"]
