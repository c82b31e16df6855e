"""Pages for people at /, rendered on the server; every act goes through the same operations as the JSON interface."""

from litestar.types import ControllerRouterHandler

PAGES: list[ControllerRouterHandler] = []
