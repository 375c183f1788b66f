"""Conversions by the botocore model: requests and seeds to kept values, kept values to answers."""
