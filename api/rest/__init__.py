"""The JSON interface under /api/v1."""

from litestar.types import ControllerRouterHandler

ROUTES: list[ControllerRouterHandler] = []
"""Behind sign-in."""
OPEN_ROUTES: list[ControllerRouterHandler] = []
"""For everybody: health, public status, the interface description."""
