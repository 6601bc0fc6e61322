"""Where files lie when they do not lie on this machine: the setting COOPOLE_MEDIA_STORE_URL, read."""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class BucketRoute:
    """A bucket of an S3 service. `prefix` is a folder in it, '' for its root."""

    endpoint: str
    bucket: str
    prefix: str
    region: str
    key_id: str
    secret: str

    @property
    def is_encrypted(self) -> bool:
        """Whether nobody on the way can listen."""
        return self.endpoint.startswith("https://")


def read_bucket_route(url: str) -> BucketRoute:
    """Read https://key:secret@host:port/bucket/folder?region=name.

    Raises:
        ValueError: it is none.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its own words repeat what may be the secret
        raise ValueError("it is no address") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise ValueError("it names no S3 service")
    if not parts.username or not parts.password:
        raise ValueError("a key and a secret stand before the host")
    bucket, _, prefix = parts.path.strip("/").partition("/")
    if not bucket or parts.fragment:
        raise ValueError("a bucket follows the host")
    asked = parse_qs(parts.query)
    if asked.keys() - {"region"}:
        raise ValueError("only region may follow the ?")
    host = parts.hostname if ":" not in parts.hostname else f"[{parts.hostname}]"
    endpoint = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    region = asked.get("region", [DEFAULT_REGION])[0]
    return BucketRoute(endpoint, bucket, prefix, region, unquote(parts.username), unquote(parts.password))
