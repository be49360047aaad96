"""What a client is told that asked for something that cannot be done: `{"message": …, "status": …}`."""

from http import HTTPStatus


class NotAsked(Exception):
    """Answered with this status and sentence."""

    def __init__(self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def no_index(name: str) -> NotAsked:
    if not name:
        return NotAsked("indexName is to say which index is asked")
    return NotAsked(f"Index {name[:100]} does not exist", HTTPStatus.NOT_FOUND)


def wrong_application() -> NotAsked:
    return NotAsked("Invalid Application-ID or API key", HTTPStatus.FORBIDDEN)
