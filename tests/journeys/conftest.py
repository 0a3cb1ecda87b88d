"""The world of the stories: a browser and a server see it, so it is committed."""

import pytest

from tests.world import World, build


@pytest.fixture
def world(transactional_db: None) -> World:
    return build()
