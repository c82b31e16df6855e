-- Scrubs: the oldest first; what is not whole is counted without reading the rest.
CREATE INDEX scrubs_oldest ON scrubs (checked_at);
CREATE INDEX scrubs_broken ON scrubs (result) WHERE result <> 'whole';
ALTER TABLE scrubs ADD CONSTRAINT scrubs_known_result
  CHECK (result IN ('whole', 'altered', 'missing', 'unlocked', 'unreadable'));
ALTER TABLE scrubs ADD CONSTRAINT scrubs_known_kind CHECK (kind IN ('scan', 'paper', 'slip', 'package'));
ALTER TABLE store_walks ADD CONSTRAINT store_walks_known_bucket CHECK (bucket IN ('viewing', 'evidence'));
ALTER TABLE scans ADD CONSTRAINT scans_known_digest CHECK (digest_algorithm IN ('sha256', 'sm3'));
-- Who looked at a case and its scans.
CREATE INDEX access_log_by_subject ON access_log (subject, id);
