"""What stands in the paths of our addresses: `{id:row}`, `{name:username}` and `{token:secret}`, as routes write it."""

from starlette.convertors import Convertor, register_url_convertor


class RowIdConvertor(Convertor[int]):
    """The id of a row in a path, in the one way it is written."""

    regex = "[1-9][0-9]{0,18}"

    def convert(self, value: str) -> int:
        """Read it; a number too large for any row is left to the look-up, which goes by uri."""
        return int(value)

    def to_string(self, value: int) -> str:
        """Write it."""
        return str(value)


class UsernameConvertor(Convertor[str]):
    """A username of ours in a path, in any case; what follows a dot is the format of a feed."""

    regex = "[A-Za-z0-9_]{1,64}"

    def convert(self, value: str) -> str:
        """Give it as it is."""
        return value

    def to_string(self, value: str) -> str:
        """Give it as it is."""
        return value


class SecretConvertor(Convertor[str]):
    """A word that nobody can guess: 32 random bytes in the letters of base64 for addresses."""

    regex = "[A-Za-z0-9_-]{43}"

    def convert(self, value: str) -> str:
        """Give it as it is."""
        return value

    def to_string(self, value: str) -> str:
        """Give it as it is."""
        return value


register_url_convertor("row", RowIdConvertor())
register_url_convertor("username", UsernameConvertor())
register_url_convertor("secret", SecretConvertor())
