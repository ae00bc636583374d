"""The operations, and the only door for the faces: window, command line, local API.

Importing this package registers every operation; the rooms below are opened when a call needs them.
"""

from steelyard.service import (
    adopting,
    auditing,
    bundling,
    cataloging,
    evaluation,
    governing,
    keys,
    licensing,
    machines,
    mirroring,
    models,
    policing,
    privacy,
    qualifying,
    receipting,
    refreshing,
    running,
    storing,
    transferring,
    witnessing,
)
from steelyard.service.steelyard import Steelyard

__all__ = [
    "Steelyard",
    "adopting",
    "auditing",
    "bundling",
    "cataloging",
    "evaluation",
    "governing",
    "keys",
    "licensing",
    "machines",
    "mirroring",
    "models",
    "policing",
    "privacy",
    "qualifying",
    "receipting",
    "refreshing",
    "running",
    "storing",
    "transferring",
    "witnessing",
]
