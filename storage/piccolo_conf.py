"""Where Piccolo's own commands find the engine and the tables."""

from piccolo.conf.apps import AppRegistry

from storage.db import DB

APP_REGISTRY = AppRegistry(apps=["storage.piccolo_app"])
__all__ = ["APP_REGISTRY", "DB"]
