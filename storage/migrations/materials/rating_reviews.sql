-- A rating is reviewed once, by two people; whoever was not reached cannot have said that it is put right.
CREATE UNIQUE INDEX rating_reviews_once ON rating_reviews (rating_id);
ALTER TABLE rating_reviews ADD CONSTRAINT rating_reviews_known_state CHECK (state IN ('proposed', 'set_aside', 'stands'));
ALTER TABLE rating_reviews ADD CONSTRAINT rating_reviews_settled_by_another
  CHECK ((state = 'proposed') = (settled_at IS NULL) AND (settled_by IS NULL OR settled_by <> proposed_by));
ALTER TABLE rating_follow_ups ADD CONSTRAINT rating_follow_ups_answer_of_the_reached CHECK (reached OR satisfied IS NULL);
