"""Fedify peers in pairs, shared by many tests: each uses actors of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.peers.fedify_peer import CAVAGE, RFC9421, FedifyPeer, require_fedify

Pair = tuple[FedifyPeer, FedifyPeer]

collect_ignore = ["bovine/site-packages"]


@pytest.fixture(scope="module", params=[CAVAGE, RFC9421])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Two peers that knock with the same scheme first, once for each scheme."""
    require_fedify()
    with FedifyPeer(first_knock=request.param) as here, FedifyPeer(first_knock=request.param) as there:
        yield here, there


@pytest.fixture
def scheme(request: pytest.FixtureRequest) -> str:
    """The scheme with which the peers of `pair` knock first."""
    chosen: str = request.node.callspec.params["pair"]
    return chosen


@pytest.fixture(scope="session")
def plain_pair() -> Iterator[Pair]:
    """Two peers, for what does not depend on signatures."""
    require_fedify()
    with FedifyPeer() as here, FedifyPeer() as there:
        yield here, there
