"""Signs the token by which a process of the stack says who it is: role `service`, good for a minute."""

from datetime import datetime, timedelta
from typing import Final

import jwt

ISSUER: Final = "rustok"
AUDIENCE: Final = "rustok-api"
ALGORITHM: Final = "HS256"
ROLE: Final = "service"
_VALID: Final = timedelta(minutes=1)


def service_token(key: str, process: str, now: datetime) -> str:
    claims = {"sub": process, "role": ROLE, "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + _VALID}
    return jwt.encode(claims, key, ALGORITHM)
