-- Paper custody: nothing is anywhere in a negative number, a line is sealed once, who packed does not receive.
CREATE UNIQUE INDEX paper_holdings_once ON paper_holdings (case_id, line, place);
ALTER TABLE paper_holdings ADD CONSTRAINT paper_holdings_never_negative
  CHECK (originals >= 0 AND copies >= 0 AND sheets >= 0);
-- What lies at a department or on the way, the longest first.
CREATE INDEX paper_holdings_at ON paper_holdings (place, since, id) WHERE originals > 0 OR copies > 0;
CREATE INDEX paper_moves_by_case ON paper_moves (case_id, moved_at, id);
ALTER TABLE paper_moves ADD CONSTRAINT paper_moves_of_something
  CHECK (originals >= 0 AND copies >= 0 AND sheets >= 0 AND originals + copies + sheets > 0 AND from_place <> to_place);
CREATE TRIGGER paper_moves_append_only BEFORE UPDATE OR DELETE ON paper_moves
  FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER paper_moves_no_truncate BEFORE TRUNCATE ON paper_moves
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE INDEX paper_batches_of_hall ON paper_batches (hall_id, id);
CREATE INDEX paper_batches_from ON paper_batches (from_id, id);
CREATE INDEX paper_batches_to ON paper_batches (to_id, id);
ALTER TABLE paper_batches ADD CONSTRAINT paper_batches_known_state CHECK (state IN
  ('packed', 'unpacked', 'sent', 'received', 'refused', 'taken_back', 'received_with_discrepancy', 'settled'));
ALTER TABLE paper_batches ADD CONSTRAINT paper_batches_two_ends CHECK (from_id <> to_id);
ALTER TABLE paper_batches ADD CONSTRAINT paper_batches_received_by_another
  CHECK (state <> 'received' OR (arrived_by <> packed_by AND arrived_by <> sent_by));
ALTER TABLE paper_batches ADD CONSTRAINT paper_batches_refused_with_reason CHECK (refused_at IS NULL OR reason <> '');
CREATE UNIQUE INDEX paper_batch_lines_once ON paper_batch_lines (batch_id, case_id, line);
CREATE INDEX paper_discrepancies_of_batch ON paper_discrepancies (batch_id);
ALTER TABLE paper_discrepancies ADD CONSTRAINT paper_discrepancies_known_kind
  CHECK (kind IN ('missing', 'extra', 'damaged'));
ALTER TABLE paper_discrepancies ADD CONSTRAINT paper_discrepancies_settled_whole
  CHECK ((outcome = '') = (settled_at IS NULL) AND (settled_by IS NULL OR settled_by <> recorded_by));
-- Originals of ended cases that nobody has handed back yet; what the figures of a period read.
CREATE INDEX duties_originals ON duties (due_at, id) WHERE kind = 'originals_return' AND done_at IS NULL;
CREATE INDEX cases_by_close ON cases (hall_id, closed_at, id) WHERE closed_at IS NOT NULL;
