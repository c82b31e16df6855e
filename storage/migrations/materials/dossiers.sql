-- A person has one dossier of a case in the binding; what is bound says how large it is and what it is.
CREATE UNIQUE INDEX dossiers_waiting_once ON dossiers (case_id, ordered_by) WHERE state = 'waiting';
CREATE INDEX dossiers_of_case ON dossiers (case_id, ordered_by, ordered_at);
CREATE INDEX dossiers_over ON dossiers (ended_at) WHERE state IN ('ready', 'failed');
ALTER TABLE dossiers ADD CONSTRAINT dossiers_known_state
  CHECK (state IN ('waiting', 'ready', 'failed', 'dropped'));
ALTER TABLE dossiers ADD CONSTRAINT dossiers_ready_is_bound
  CHECK (state <> 'ready' OR (pages > 0 AND size > 0 AND length(digest) = 64 AND object_key <> ''));
