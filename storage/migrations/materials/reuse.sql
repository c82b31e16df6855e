-- Checks: read line by line, the newest first; a check that did not pass says why.
CREATE INDEX material_checks_of_line ON material_checks (case_id, line, checked_at DESC, id DESC);
ALTER TABLE material_checks ADD CONSTRAINT material_checks_known_kind
  CHECK (kind IN ('source_verified', 'original_checked', 'promise_signed'));
ALTER TABLE material_checks ADD CONSTRAINT material_checks_failure_has_a_reason CHECK (passed OR note <> '');
-- One thing at a time stands in for the paper of a line, and it is one thing.
CREATE UNIQUE INDEX reuses_standing_once ON reuses (case_id, line) WHERE ended_at IS NULL;
CREATE INDEX reuses_of_case ON reuses (case_id, recorded_at);
ALTER TABLE reuses ADD CONSTRAINT reuses_of_one_thing
  CHECK (num_nonnulls(certificate_id, check_id, scan_id) = 1
    AND (kind = 'certificate') = (certificate_id IS NOT NULL)
    AND (kind = 'scan') = (check_id IS NOT NULL)
    AND (kind = 'licence') = (scan_id IS NOT NULL));
ALTER TABLE reuses ADD CONSTRAINT reuses_ended_for_a_cause CHECK ((ended_at IS NULL) = (ended_because = ''));
ALTER TABLE reuses ADD CONSTRAINT reuses_consented CHECK (consented_by <> '');
