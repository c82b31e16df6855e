-- A wish of a person waits once; what is made says as of when, how large it is and what it is.
CREATE UNIQUE INDEX exports_waiting_once ON exports (ordered_by, wish_digest) WHERE state = 'waiting';
CREATE INDEX exports_of_person ON exports (ordered_by, id);
CREATE INDEX exports_over ON exports (ended_at) WHERE state IN ('ready', 'failed');
ALTER TABLE exports ADD CONSTRAINT exports_known_state
  CHECK (state IN ('waiting', 'ready', 'failed', 'dropped'));
ALTER TABLE exports ADD CONSTRAINT exports_ready_is_made
  CHECK (state <> 'ready' OR (as_of IS NOT NULL AND size > 0 AND length(digest) = 64 AND object_key <> ''));
-- Whoever has people told in clear has said what for (个人信息保护法51).
ALTER TABLE exports ADD CONSTRAINT exports_clear_has_reason CHECK (NOT clear OR length(reason) >= 4);
