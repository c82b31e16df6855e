-- The auditor's desk. Events are searched by time, by person and by name; each index ends in the key of the list.
CREATE INDEX events_by_time ON events (at, id);
CREATE INDEX events_by_actor ON events (actor, at, id);
CREATE INDEX events_by_name ON events (name, at, id);
CREATE INDEX events_claimed ON events (at, id) WHERE claimed_at IS NOT NULL;
-- Who looked: by person and time; what the lists of anomalies read is little.
CREATE INDEX access_log_by_person ON access_log (actor, at, id);
CREATE INDEX access_log_by_time ON access_log (at, id);
CREATE INDEX access_log_noted ON access_log (at, id) WHERE starts_with(action, 'unmask.') OR action = 'refused';
-- Samples and the steps of findings are only ever added.
CREATE TRIGGER samples_append_only BEFORE UPDATE OR DELETE ON samples FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER samples_no_truncate BEFORE TRUNCATE ON samples FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER finding_steps_append_only BEFORE UPDATE OR DELETE ON finding_steps FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER finding_steps_no_truncate BEFORE TRUNCATE ON finding_steps FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER findings_kept BEFORE DELETE ON findings FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER findings_no_truncate BEFORE TRUNCATE ON findings FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
ALTER TABLE samples ADD CONSTRAINT samples_known_method CHECK (method IN ('random', 'weighted')
  AND strata IN ('', 'item', 'department', 'hall') AND (strata = '') = (allocation = '')
  AND allocation IN ('', 'proportional', 'equal'));
ALTER TABLE samples ADD CONSTRAINT samples_drawn_from_something
  CHECK (size > 0 AND population_size > 0 AND cardinality(halls) > 0 AND seed <> '');
CREATE UNIQUE INDEX finding_steps_once ON finding_steps (finding_id, seq);
CREATE INDEX findings_by_state ON findings (state, id);
ALTER TABLE findings ADD CONSTRAINT findings_known_state CHECK (state IN ('open', 'answered', 'closed', 'accepted'));
ALTER TABLE findings ADD CONSTRAINT findings_known_severity CHECK (severity IN ('minor', 'major', 'grave'));
ALTER TABLE findings ADD CONSTRAINT findings_addressed CHECK (addressee IN ('department', 'hall'));
ALTER TABLE findings ADD CONSTRAINT findings_cite_an_article CHECK (article <> '' AND text <> '');
ALTER TABLE finding_steps ADD CONSTRAINT finding_steps_known
  CHECK (step IN ('record', 'answer', 'send_back', 'close', 'accept') AND text <> '');
-- A day of the access log leaves the database only when its archive is recorded, and after six months at the earliest
-- (网络安全法21(3)). The application's role may delete nothing at all.
ALTER TABLE access_archives ADD CONSTRAINT access_archives_sealed CHECK (entries > 0 AND length(file_digest) = 64);
CREATE TRIGGER access_archives_append_only BEFORE UPDATE OR DELETE ON access_archives FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE FUNCTION refuse_losing_looks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.day < (now() - interval '6 months')::date AND EXISTS (SELECT FROM access_archives a WHERE a.day = OLD.day) THEN RETURN OLD; END IF; RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege'; END $$;
DROP TRIGGER access_log_append_only ON access_log;
CREATE TRIGGER access_log_append_only BEFORE UPDATE OR DELETE ON access_log FOR EACH ROW EXECUTE FUNCTION refuse_losing_looks();
