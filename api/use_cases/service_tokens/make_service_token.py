"""Makes a token with which a program does in a shop what its maker lets it."""

from dataclasses import dataclass

from api.domain.service_tokens import ServiceToken, grants_for, require_end, require_room
from api.domain.token_text import TokenText
from api.store.unit_of_work import UnitOfWork
from api.use_cases.service_tokens.commands import NewServiceToken


@dataclass(frozen=True, slots=True)
class MadeToken:
    """`text` is said once and kept nowhere."""

    token: ServiceToken
    text: str


def make_service_token(work: UnitOfWork, command: NewServiceToken) -> MadeToken:
    """Raises `Invalid` for what the maker may not do, and `Conflict` when two of this name are good already."""
    maker = work.access.actor
    grants = grants_for(command.kind, maker, command.permissions)
    require_end(command.kind, command.expires_at, work.now)
    work.take_turns(f"{command.kind} token {command.name}", alone=True)
    same_name = work.service_tokens.of_name(command.kind, command.name)
    require_room(command.name, same_name, work.now)
    for one in same_name:
        if not one.is_good(work.now):
            work.service_tokens.revoke(one.id, work.now)
    text = TokenText.new(command.kind, work.new_id())
    token = ServiceToken(
        id=text.id,
        tenant_id=work.tenant_id,
        kind=command.kind,
        name=command.name,
        grants=grants,
        ending=text.ending,
        made_by=maker.actor_id,
        made_at=work.now,
        expires_at=command.expires_at,
    )
    work.service_tokens.add(token, text.hash)
    return MadeToken(token, text.text)
