-- Assessments of contractors: three people, one edition at a time, and nothing changes once it is approved.
CREATE UNIQUE INDEX assessment_tables_once ON assessment_tables (name, version);
CREATE TRIGGER assessment_tables_append_only BEFORE UPDATE OR DELETE ON assessment_tables
  FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE UNIQUE INDEX service_contracts_replaced_once ON service_contracts (replaces) WHERE replaces IS NOT NULL;
CREATE UNIQUE INDEX service_contracts_once ON service_contracts (hall_id, number, first_year) WHERE replaces IS NULL;
ALTER TABLE service_contracts ADD CONSTRAINT service_contracts_in_order
  CHECK (price_fen > 0 AND years BETWEEN 1 AND 5 AND settlement IN ('annual', 'quarterly'));
CREATE UNIQUE INDEX contract_reports_once ON contract_reports (contract_id, month);
ALTER TABLE certificate_counts ADD CONSTRAINT certificate_counts_never_negative CHECK (short >= 0);
CREATE UNIQUE INDEX assessments_once ON assessments (contract_id, month, edition);
CREATE UNIQUE INDEX assessments_open_once ON assessments (contract_id, month) WHERE state <> 'approved';
CREATE UNIQUE INDEX assessments_replaced_once ON assessments (replaces) WHERE replaces IS NOT NULL;
ALTER TABLE assessments ADD CONSTRAINT assessments_known_state
  CHECK (state IN ('scoring', 'submitted', 'reviewed', 'approved'));
-- 考核人, 审核 and 批准 are three people.
ALTER TABLE assessments ADD CONSTRAINT assessments_three_people CHECK (submitted_by <> reviewed_by
  AND reviewed_by <> approved_by AND submitted_by <> approved_by);
ALTER TABLE assessments ADD CONSTRAINT assessments_step_by_step CHECK (
  (state <> 'submitted' OR submitted_by IS NOT NULL) AND (state <> 'reviewed' OR reviewed_by IS NOT NULL)
  AND (state <> 'approved' OR (submitted_by IS NOT NULL AND reviewed_by IS NOT NULL AND approved_by IS NOT NULL
    AND score IS NOT NULL)));
ALTER TABLE assessments ADD CONSTRAINT assessments_named_by_first_day CHECK (extract(day FROM month) = 1);
ALTER TABLE assessments ADD CONSTRAINT assessments_corrections_say_why
  CHECK ((replaces IS NULL) = (edition = 1) AND (replaces IS NULL OR reason <> ''));
CREATE UNIQUE INDEX assessment_entries_found_once ON assessment_entries (assessment_id, item, found) WHERE found <> '';
ALTER TABLE assessment_entries ADD CONSTRAINT assessment_entries_known_state CHECK (
  state IN ('proposed', 'confirmed', 'rejected') AND origin IN ('machine', 'manual')
  AND (state = 'proposed') = (settled_at IS NULL));
ALTER TABLE assessment_entries ADD CONSTRAINT assessment_entries_positive CHECK (times >= 1 AND points >= 1);
ALTER TABLE assessment_entries ADD CONSTRAINT assessment_entries_machine_finds
  CHECK ((origin = 'machine') = (found <> ''));
CREATE UNIQUE INDEX assessment_objections_once ON assessment_objections (entry_id);
CREATE UNIQUE INDEX assessment_acts_once ON assessment_acts (assessment_id, seq);
CREATE TRIGGER assessment_acts_append_only BEFORE UPDATE OR DELETE ON assessment_acts
  FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER assessment_acts_no_truncate BEFORE TRUNCATE ON assessment_acts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
-- An approved assessment keeps everything but the place of its printed form, which a worker fills in.
CREATE FUNCTION refuse_reopening() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE filed text[] := ARRAY['object_key', 'object_version', 'digest', 'size', 'pages', 'rendered_at', 'retain_until']; BEGIN
  IF OLD.state = 'approved' AND (to_jsonb(NEW) - filed) <> (to_jsonb(OLD) - filed) THEN RAISE EXCEPTION 'an approved assessment never changes' USING ERRCODE = 'insufficient_privilege'; END IF; RETURN NEW; END $$;
CREATE TRIGGER assessments_approved_for_good BEFORE UPDATE ON assessments FOR EACH ROW EXECUTE FUNCTION refuse_reopening();
-- Entries are made and settled only while somebody scores; objections are made and answered until the approval.
CREATE FUNCTION refuse_late_scoring() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE standing text := (SELECT state FROM assessments WHERE id = NEW.assessment_id); BEGIN
  IF standing <> 'scoring' THEN RAISE EXCEPTION 'an assessment that is % is not scored', standing USING ERRCODE = 'insufficient_privilege'; END IF; RETURN NEW; END $$;
CREATE TRIGGER assessment_entries_while_scoring BEFORE INSERT OR UPDATE ON assessment_entries
  FOR EACH ROW EXECUTE FUNCTION refuse_late_scoring();
CREATE FUNCTION refuse_late_objection() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE standing assessments := (SELECT a FROM assessments a JOIN assessment_entries e ON e.assessment_id = a.id WHERE e.id = NEW.entry_id); BEGIN
  IF standing.state = 'approved' THEN RAISE EXCEPTION 'an approved assessment takes no objection' USING ERRCODE = 'insufficient_privilege'; END IF; IF NEW.answered_by = standing.reviewed_by THEN RAISE EXCEPTION 'who reviewed an assessment answers no objection in it' USING ERRCODE = 'insufficient_privilege'; END IF; RETURN NEW; END $$;
CREATE TRIGGER assessment_objections_before_approval BEFORE INSERT OR UPDATE ON assessment_objections
  FOR EACH ROW EXECUTE FUNCTION refuse_late_objection();
-- Who answered an objection took part in the scoring, and neither reviews nor approves.
CREATE FUNCTION refuse_own_judgement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF EXISTS (SELECT FROM assessment_objections b JOIN assessment_entries e ON e.id = b.entry_id WHERE e.assessment_id = NEW.id AND b.answered_by IN (NEW.reviewed_by, NEW.approved_by))
  THEN RAISE EXCEPTION 'who answered an objection neither reviews nor approves' USING ERRCODE = 'insufficient_privilege'; END IF; RETURN NEW; END $$;
CREATE TRIGGER assessments_judged_by_others BEFORE UPDATE OF reviewed_by, approved_by ON assessments
  FOR EACH ROW EXECUTE FUNCTION refuse_own_judgement();
