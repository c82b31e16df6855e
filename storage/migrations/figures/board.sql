-- What the board reads: cases that warn of something, by when they begin to, told apart without a look at the rows
-- themselves; and what is owed, by when.
CREATE INDEX cases_warned ON cases (hall_id, amber_at)
  INCLUDE (id, department_id, red_at, yellow_at, holder, handler_id, owner_id) WHERE amber_at IS NOT NULL AND state <> 'NEW';
CREATE INDEX duties_open_by_kind ON duties (kind, due_at, id) WHERE done_at IS NULL;
CREATE INDEX cards_appealed ON cards (appealed_at, id) WHERE state = 'appealed';
-- Pages of open cases are looked over soon after they have changed, or the index would have to be checked row by row.
ALTER TABLE cases SET (autovacuum_vacuum_scale_factor = 0.02);
