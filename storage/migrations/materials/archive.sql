-- A case has one package in the making; what is made says where it is locked away.
CREATE UNIQUE INDEX archive_packages_waiting_once ON archive_packages (case_id) WHERE state = 'waiting';
CREATE INDEX archive_packages_of_case ON archive_packages (case_id, ordered_at);
ALTER TABLE archive_packages ADD CONSTRAINT archive_packages_known_state
  CHECK (state IN ('waiting', 'ready', 'failed'));
ALTER TABLE archive_packages ADD CONSTRAINT archive_packages_ready_is_locked
  CHECK (state <> 'ready' OR (object_version <> '' AND digest <> '' AND retain_until IS NOT NULL));
