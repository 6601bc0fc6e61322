"""What whoever runs this server turns on or off as a whole, from the command line."""

from enum import StrEnum

from models.setting import Setting


class Switch(StrEnum):
    """What can be turned on or off. The value is the name of its setting."""

    PEERS = "shows_peers"
    ACTIVITY = "shows_activity"
    SECOND_STEP = "admins_need_second_step"


_AT_FIRST = {Switch.PEERS: False, Switch.ACTIVITY: False, Switch.SECOND_STEP: True}


async def is_on(switch: Switch) -> bool:
    """Whether it is turned on; what nobody has touched stands as it did at first."""
    return bool(await Setting.read(switch.value, _AT_FIRST[switch]))


async def turn(switch: Switch, *, on: bool) -> None:
    """Turn it on or off."""
    await Setting.write(switch.value, on)
