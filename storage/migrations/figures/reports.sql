-- A period of a hall has one scheduled report of its kind; a wish of a person waits once.
CREATE UNIQUE INDEX reports_scheduled_once ON reports (hall_id, kind, since) WHERE scheduled;
CREATE UNIQUE INDEX reports_waiting_once ON reports (ordered_by, wish_digest)
  WHERE state = 'waiting' AND NOT scheduled;
CREATE INDEX reports_of_halls ON reports USING gin (halls);
ALTER TABLE reports ADD CONSTRAINT reports_known CHECK (
  kind IN ('daily', 'weekly', 'monthly', 'range') AND state IN ('waiting', 'ready', 'failed') AND since <= until);
ALTER TABLE reports ADD CONSTRAINT reports_ordered CHECK (
  CASE WHEN scheduled THEN ordered_by IS NULL AND hall_id IS NOT NULL AND kind <> 'range'
    ELSE ordered_by IS NOT NULL END);
ALTER TABLE reports ADD CONSTRAINT reports_ready_is_made CHECK (state <> 'ready' OR length(content_digest) = 64);
ALTER TABLE reports ADD CONSTRAINT reports_count_something CHECK (
  cardinality(halls) > 0 OR cardinality(departments) > 0);
-- What a report said, it said: its files are named once and never change.
CREATE UNIQUE INDEX report_files_once ON report_files (report_id, format);
ALTER TABLE report_files ADD CONSTRAINT report_files_are_there CHECK (
  format IN ('xlsx', 'pdf') AND size > 0 AND length(digest) = 64 AND object_key <> '' AND object_version <> '');
CREATE INDEX reports_of_wish ON reports (ordered_by, wish_digest, id) WHERE NOT scheduled;
