-- What the board reads: cases that warn of something, by when they begin to; what is owed and by when.
CREATE INDEX cases_warned_of_hall ON cases (hall_id, amber_at) WHERE amber_at IS NOT NULL;
CREATE INDEX cases_warned_of_department ON cases (department_id, amber_at) WHERE amber_at IS NOT NULL;
CREATE INDEX duties_open_by_kind ON duties (kind, due_at, id) WHERE done_at IS NULL;
CREATE INDEX cards_appealed ON cards (appealed_at, id) WHERE state = 'appealed';
