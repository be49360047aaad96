"""Builds every client of Kafka that speaks librdkafka: consumers, producers, admins."""

from collections.abc import Callable, Mapping
from logging import Logger
from typing import Any

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient

from ops.clients.client_credentials import Brokers, kafka_access

Config = Mapping[str, Any]


def consumer(brokers: Brokers, config: Config) -> Consumer:
    return Consumer({**access_config(brokers), **config})


def producer(
    brokers: Brokers,
    config: Config,
    *,
    logger: Logger | None = None,
    on_error: Callable[[Any], None] | None = None,
) -> Producer:
    told: dict[str, Any] = {"error_cb": on_error} if on_error is not None else {}
    more: dict[str, Any] = {"logger": logger} if logger is not None else {}
    access = access_config(brokers)
    if "transaction.timeout.ms" in config:  # a request may not take longer than a transaction
        access["socket.timeout.ms"] = min(access["socket.timeout.ms"], config["transaction.timeout.ms"])
    return Producer({**access, **config, **told}, **more)


def admin(brokers: Brokers, config: Config | None = None) -> AdminClient:
    return AdminClient({**access_config(brokers), **(config or {})})


def access_config(brokers: Brokers) -> dict[str, Any]:
    """What librdkafka has to know to get in; what is usual is left to it."""
    access = kafka_access(brokers)
    config: dict[str, Any] = {
        "bootstrap.servers": access.bootstrap,
        "socket.connection.setup.timeout.ms": round(access.connect_s * 1000),
        "socket.timeout.ms": round(access.answer_s * 1000),
    }
    if access.protocol != "PLAINTEXT":
        config["security.protocol"] = access.protocol.lower()
    if access.uses_tls and access.ca is not None:
        config["ssl.ca.location"] = str(access.ca)
    if access.uses_sasl:
        config["sasl.mechanism"] = access.mechanism
        secret = access.password.get_secret_value()
        if access.mechanism != "OAUTHBEARER":
            return {**config, "sasl.username": access.user, "sasl.password": secret}
        config |= {
            "sasl.oauthbearer.method": "oidc",
            "sasl.oauthbearer.client.id": access.user,
            "sasl.oauthbearer.client.secret": secret,
            "sasl.oauthbearer.token.endpoint.url": access.token_url,
        }
        if access.token_scope:
            config["sasl.oauthbearer.scope"] = access.token_scope
        if access.ca is not None:
            config["https.ca.location"] = str(access.ca)
    return config
