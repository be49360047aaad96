"""Signs the token by which a process of the stack says who it is: of a kind and with a key of its own.

No process but the API has the key that signs people's tokens, and what another one can sign is never taken for one.
"""

from datetime import datetime, timedelta
from typing import Final

import jwt

ISSUER: Final = "rustok"
#: Of tokens that name people; and of those that name processes.
AUDIENCE: Final = "rustok-api"
SERVICE_AUDIENCE: Final = "rustok-services"
ALGORITHM: Final = "HS256"
ROLE: Final = "service"
#: The `typ` of the header.
KIND: Final = "service+jwt"
_VALID: Final = timedelta(minutes=1)


def service_token(key: str, process: str, now: datetime, valid: timedelta = _VALID) -> str:
    claims = {"sub": process, "role": ROLE, "iss": ISSUER, "aud": SERVICE_AUDIENCE, "iat": now, "exp": now + valid}
    return jwt.encode(claims, key, ALGORITHM, headers={"typ": KIND})
