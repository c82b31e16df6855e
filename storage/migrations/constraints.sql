-- What Piccolo's columns cannot say: invariants as named constraints, indexes for the hot lists, the append-only trail.

-- One row per thing.
CREATE UNIQUE INDEX flow_versions_once ON flow_versions (name, version);
CREATE UNIQUE INDEX item_versions_once ON item_versions (code, version);
CREATE UNIQUE INDEX role_grants_once ON role_grants (person_id, role, organisation_id);
CREATE UNIQUE INDEX parties_by_number ON parties (id_kind, id_index);
CREATE UNIQUE INDEX case_materials_once ON case_materials (case_id, line);
CREATE UNIQUE INDEX scan_links_once ON scan_links (scan_id, case_id, line);
CREATE INDEX scan_links_by_case ON scan_links (case_id);
CREATE UNIQUE INDEX scan_pages_once ON scan_pages (scan_id, number);
CREATE UNIQUE INDEX clock_entries_once ON clock_entries (case_id, seq, ordinal);
CREATE UNIQUE INDEX clocks_once ON clocks (case_id, kind);
CREATE UNIQUE INDEX events_once ON events (case_id, seq);
CREATE UNIQUE INDEX notices_once ON notices (case_id, number);
CREATE UNIQUE INDEX notice_lines_once ON notice_lines (notice_id, line);
CREATE UNIQUE INDEX calendar_editions_once ON calendar_editions (year, version);
CREATE UNIQUE INDEX calendar_days_once ON calendar_days (edition_id, day);
CREATE UNIQUE INDEX access_log_once ON access_log (day, seq);
CREATE UNIQUE INDEX idempotency_keys_once ON idempotency_keys (actor, key);
CREATE UNIQUE INDEX alarms_open_once ON alarms (code, subject) WHERE closed_at IS NULL;

-- A number is given once and none is left out: the ordinal runs from 1 per agency, kind and year.
CREATE UNIQUE INDEX documents_without_twins ON documents (agency, code, year, ordinal);
-- One certificate in force for a case.
CREATE UNIQUE INDEX certificates_one_in_force ON certificates (case_id) WHERE state = 'in_force';
-- One decision for a case; opinions before it may be several.
CREATE UNIQUE INDEX decisions_decided_once ON decisions (case_id) WHERE kind = 'decision';

-- The lists that people work from, most urgent first.
CREATE INDEX cases_of_hall ON cases (hall_id, (coalesce(due_at, 'infinity'::timestamptz)), id);
CREATE INDEX cases_of_department ON cases (department_id, (coalesce(due_at, 'infinity'::timestamptz)), id);
CREATE INDEX cases_by_item ON cases (item_code);
-- What the sweeper reads: running clocks by the moment they run out.
CREATE INDEX clocks_running ON clocks (due_at) WHERE running;
-- What the relay reads.
CREATE INDEX outbox_due ON outbox (due_at) WHERE state IN ('waiting', 'sent');
CREATE INDEX outbox_dead ON outbox (id) WHERE state = 'dead';

ALTER TABLE cases ADD CONSTRAINT cases_version_positive CHECK (version >= 1);
ALTER TABLE cases ADD CONSTRAINT cases_two_people CHECK (approver_id IS NULL OR handler_id IS NULL OR approver_id <> handler_id);
ALTER TABLE cases ADD CONSTRAINT cases_accepted_after_received CHECK (accepted_at IS NULL OR accepted_at >= received_at);
ALTER TABLE cases ADD CONSTRAINT cases_closed_after_opened CHECK (closed_at IS NULL OR closed_at >= opened_at);
ALTER TABLE notices ADD CONSTRAINT notices_one_only CHECK (number = 1);
ALTER TABLE notice_lines ADD CONSTRAINT notice_lines_complete CHECK (material <> '' AND defect <> '' AND requirement <> '' AND basis <> '');
ALTER TABLE clocks ADD CONSTRAINT clocks_not_both CHECK (NOT (running AND suspended));
ALTER TABLE clock_entries ADD CONSTRAINT clock_entries_known_act
  CHECK (act IN ('start', 'amend', 'suspend', 'resume', 'extend', 'stop'));
ALTER TABLE scans ADD CONSTRAINT scans_known_state CHECK (state IN ('incoming', 'stored', 'refused'));
ALTER TABLE scans ADD CONSTRAINT scans_evidence_is_retained CHECK (state <> 'stored' OR (object_version <> '' AND retain_until IS NOT NULL));
ALTER TABLE outbox ADD CONSTRAINT outbox_known_state CHECK (state IN ('waiting', 'sent', 'done', 'dead'));
ALTER TABLE events ADD CONSTRAINT events_from_one CHECK (seq >= 1);
ALTER TABLE counters ADD CONSTRAINT counters_positive CHECK (last >= 1);
ALTER TABLE item_versions ADD CONSTRAINT item_versions_in_order CHECK (in_force_to IS NULL OR in_force_to >= in_force_from);

-- Room on the page for the next version of a row that changes with every act.
ALTER TABLE cases SET (fillfactor = 70);
ALTER TABLE clocks SET (fillfactor = 70);
ALTER TABLE outbox SET (fillfactor = 70);

-- Which transaction wrote an event, so that a projector can read in the order of commits.
ALTER TABLE events ADD COLUMN txid xid8 NOT NULL DEFAULT pg_current_xact_id();

-- The trail can only grow, whoever asks.
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER access_log_append_only BEFORE UPDATE OR DELETE ON access_log FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER access_log_no_truncate BEFORE TRUNCATE ON access_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER clock_entries_append_only BEFORE UPDATE OR DELETE ON clock_entries FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER clock_entries_no_truncate BEFORE TRUNCATE ON clock_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER flow_versions_append_only BEFORE UPDATE OR DELETE ON flow_versions FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
