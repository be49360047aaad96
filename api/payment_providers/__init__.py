"""The payment providers that are built in, and how one is chosen.

What each has to do is in `api.domain.payment_provider`.
"""
