-- The pad of a hall lists its newest consultations first.
CREATE INDEX consultations_of_hall ON consultations (hall_id, answered_at DESC, id DESC);
