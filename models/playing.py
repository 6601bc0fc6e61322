"""What is known of a film or sound that a post shows, beyond what its post says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Playing:
    """`loops`: it is short and silent, and plays again and again. `is_here`: this server has it, or a copy of it.

    `is_elsewhere`: no copy can be had, it is on its own server alone. `has_small`: there is a picture out of it here.
    """

    loops: bool = False
    duration_ms: int | None = None
    frame_rate: float | None = None
    has_small: bool = False
    is_here: bool = False
    is_elsewhere: bool = False
