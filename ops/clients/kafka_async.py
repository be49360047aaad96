"""Builds every client of Kafka that runs in an event loop. It has the settings of the others, in aiokafka's words."""

import asyncio
import ssl
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer
from aiokafka.abc import AbstractTokenProvider

from ops.clients.client_credentials import Brokers, KafkaAccess, kafka_access


def consumer(brokers: Brokers, *topics: str, **config: Any) -> AIOKafkaConsumer:  # what aiokafka takes has no types
    """To be made in the loop that uses it."""
    return AIOKafkaConsumer(*topics, **access_config(brokers), **config)


def access_config(brokers: Brokers) -> dict[str, Any]:
    access = kafka_access(brokers)
    config: dict[str, Any] = {"bootstrap_servers": access.bootstrap, "security_protocol": access.protocol}
    if access.uses_tls:
        config["ssl_context"] = ssl.create_default_context(cafile=access.ca)
    if access.uses_sasl:
        config["sasl_mechanism"] = access.mechanism
        if access.mechanism == "OAUTHBEARER":
            config["sasl_oauth_token_provider"] = OAuthTokens(access)
        else:
            config["sasl_plain_username"] = access.user
            config["sasl_plain_password"] = access.password.get_secret_value()
    return config


class OAuthTokens(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka has no types
    """Asks for a token whenever a connection is made: by a client's id and secret (OAuth 2, client credentials)."""

    def __init__(self, access: KafkaAccess) -> None:
        self._access = access

    async def token(self) -> str:
        return await asyncio.to_thread(self._ask)

    def _ask(self) -> str:
        access = self._access
        form = {"grant_type": "client_credentials"} | ({"scope": access.token_scope} if access.token_scope else {})
        answer = httpx.post(
            access.token_url,
            data=form,
            auth=(access.user, access.password.get_secret_value()),
            timeout=access.connect_s,
            verify=ssl.create_default_context(cafile=access.ca),
        )
        answer.raise_for_status()
        return str(answer.json()["access_token"])
