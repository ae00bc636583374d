"""How a configured source is reached, and with which token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from steelyard.catalog.sources import ConfiguredSource

if TYPE_CHECKING:
    from steelyard.connections.access import Access


def access_of(source: ConfiguredSource) -> Access:
    """How a source is reached."""
    from steelyard.connections.access import Access as Way  # noqa: PLC0415  # as above

    return Way(source.location, source.ca_file, source.proxy, source.token_variable)


def token_for_use(source: ConfiguredSource) -> str | None:
    """Its access token, to be handed to a transport and nowhere else.

    Raises:
        UnusableToken: what is kept there cannot be one.
    """
    from steelyard.connections.access import token_for  # noqa: PLC0415  # as above

    return token_for(access_of(source))
