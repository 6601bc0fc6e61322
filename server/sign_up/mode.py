"""Who may make an account on this server: one setting, which an administrator changes."""

from models.setting import Setting
from models.sign_up import SignUpMode

SETTING = "sign_up"


async def mode() -> SignUpMode:
    """Tell who may make an account; nobody, until an administrator says otherwise."""
    return SignUpMode(await Setting.read(SETTING, SignUpMode.CLOSED.value))


async def set_mode(wanted: SignUpMode) -> None:
    """Say who may make an account from now on."""
    await Setting.write(SETTING, wanted.value)
