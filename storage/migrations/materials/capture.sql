-- Capture: batches, resumable uploads, page edits.
CREATE UNIQUE INDEX page_edits_once ON page_edits (case_id, seq);
ALTER TABLE page_edits ADD CONSTRAINT page_edits_known_action
  CHECK (action IN ('move', 'turn', 'remove', 'place', 'return', 'replace'));
ALTER TABLE page_edits ADD CONSTRAINT page_edits_turned CHECK (turned IN (0, 90, 180, 270));

CREATE INDEX batches_of_hall ON batches (hall_id, id);
ALTER TABLE batches ADD CONSTRAINT batches_sorted_after_closed CHECK (sorted_at IS NULL OR closed_at IS NOT NULL);
CREATE UNIQUE INDEX batch_files_once ON batch_files (batch_id, position);
CREATE UNIQUE INDEX batch_files_of_scan ON batch_files (scan_id);
ALTER TABLE batch_files ADD CONSTRAINT batch_files_taken_or_refused CHECK ((scan_id IS NULL) <> (refusal IS NULL));
CREATE UNIQUE INDEX batch_pages_once ON batch_pages (scan_id, page);
CREATE INDEX batch_pages_of_batch ON batch_pages (batch_id);
ALTER TABLE batch_pages ADD CONSTRAINT batch_pages_known_state
  CHECK (state IN ('separator', 'filed', 'unsorted', 'discarded'));
ALTER TABLE batch_pages ADD CONSTRAINT batch_pages_filed_somewhere CHECK ((state = 'filed') = (case_id IS NOT NULL));

CREATE INDEX uploads_expiring ON uploads (expires_at);
CREATE INDEX uploads_of_owner ON uploads (owner_id);
ALTER TABLE uploads ADD CONSTRAINT uploads_within_size CHECK (size > 0 AND received BETWEEN 0 AND size);
ALTER TABLE uploads ADD CONSTRAINT uploads_known_state CHECK (state IN ('open', 'done', 'refused'));
CREATE UNIQUE INDEX upload_parts_once ON upload_parts (upload_id, start);
CREATE INDEX upload_parts_by_object ON upload_parts (object_key);

-- The same bytes twice in a case are found by their digest.
CREATE INDEX scans_by_digest ON scans (digest);
-- One scan takes another one's place, and only one.
CREATE INDEX scan_links_replacing ON scan_links (case_id, replaces) WHERE replaces IS NOT NULL;
