"""Every table of the engine, for migrations."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

NOUNS = (
    "organisations", "people", "catalogues", "parties", "mandates", "visits", "cases", "clocks", "audit", "materials",
    "scans", "notices", "certificates", "results", "papers", "consultations", "outbox", "registers", "calendars",
    "access", "alarms", "notifications", "cards", "duties", "procedures", "services", "delegations", "appointments",
    "recounts", "postings", "ratings", "impasses", "pickups", "shelf", "webhooks", "webhook_deliveries", "gateways",
    "slips", "rating_reviews", "page_edits", "batches", "uploads", "drafts", "checks",
    "reuses", "moves", "move_lines", "scrubs",
    "paper_batches", "paper_discrepancies", "paper_moves", "archive_packages", "dossiers",
    "assessment_tables", "contracts", "assessments", "assessment_entries", "assessment_acts",
    "facts", "exports", "late_events", "figure_days", "samples", "findings", "access_archives", "checkpoints",
    "reports", "opinion_templates", "status_attempts", "signatures",
)  # fmt: skip

APP_CONFIG = AppConfig(
    app_name="yichuang",
    migrations_folder_path=Path(__file__).parent / "migrations",
    table_classes=table_finder([f"storage.{noun}" for noun in NOUNS], exclude_imported=True),
)
