"""Which servers there are: what the user typed, made sure of, without any secret."""

from dataclasses import dataclass
from enum import Enum


class Login(Enum):
    """How a server wants to be convinced; the secret itself lies in the keyring."""

    NONE = "none"
    BEARER = "bearer"  # Authorization: Bearer ...
    BASIC = "basic"  # `user`, and a password
    HEADER = "header"  # headers of the user's own, by name


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One ComfyUI. Pickles, prints and is saved as it is: nothing here is secret."""

    name: str  # what the user calls it; unique
    url: str  # http or https, with the path prefix it is mounted under, no slash at the end
    login: Login = Login.NONE
    user: str = ""  # of BASIC
    headers: tuple[str, ...] = ()  # names, of HEADER: the values are secrets
    fingerprint: str = ""  # sha256 of the certificate that the user accepted, aa:bb:...
    ca_file: str = ""  # PEM: authorities to trust for this server
    allows_plain: bool = False  # the user confirmed plain http to a public address
    is_on: bool = True
