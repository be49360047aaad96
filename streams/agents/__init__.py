"""Who brings the records? The part of a feed that talks to Kafka and to Faust."""
