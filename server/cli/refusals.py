"""The errors that an administrator can do something about: the command line says them in one sentence."""

from tortoise.exceptions import BaseORMException

from federation.errors import FederationError
from models.secrets import WrongKey
from server.backups.archive import BackupRefused
from server.cli.datadir import StartRefused
from server.config import ConfigurationError
from server.errors import AppError

EXPECTED = (
    StartRefused,
    BackupRefused,
    ConfigurationError,
    AppError,
    FederationError,
    WrongKey,
    BaseORMException,
    ValueError,
)
