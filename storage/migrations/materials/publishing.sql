-- Drafts, and the days of versions.

-- A version that ends on the day before it begins: a higher one took its place before its first day.
ALTER TABLE item_versions DROP CONSTRAINT item_versions_in_order;
ALTER TABLE item_versions ADD CONSTRAINT item_versions_in_order
  CHECK (in_force_to IS NULL OR in_force_to >= in_force_from - 1);
ALTER TABLE drafts ADD CONSTRAINT drafts_known_kind
  CHECK (kind IN ('item', 'flow', 'suspension', 'resumption', 'cancellation'));
ALTER TABLE drafts ADD CONSTRAINT drafts_known_state
  CHECK (state IN ('proposed', 'published', 'returned', 'withdrawn'));
ALTER TABLE drafts ADD CONSTRAINT drafts_settled_by_somebody
  CHECK ((state = 'proposed') = (settled_at IS NULL) AND (settled_at IS NULL) = (settled_by IS NULL));
-- Two people publish: who proposes never settles, and only they withdraw.
ALTER TABLE drafts ADD CONSTRAINT drafts_two_people
  CHECK (state NOT IN ('published', 'returned') OR settled_by <> proposed_by);
ALTER TABLE drafts ADD CONSTRAINT drafts_withdrawn_by_maker CHECK (state <> 'withdrawn' OR settled_by = proposed_by);
ALTER TABLE drafts ADD CONSTRAINT drafts_versions_have_text
  CHECK ((kind IN ('item', 'flow')) = (version IS NOT NULL AND text <> ''));
ALTER TABLE drafts ADD CONSTRAINT drafts_cancellation_has_last_day CHECK ((kind = 'cancellation') = (last_day IS NOT NULL));
-- One proposal at a time waits on an item or flow; a version is published from one.
CREATE UNIQUE INDEX drafts_open_once ON drafts (subject) WHERE state = 'proposed';
CREATE UNIQUE INDEX drafts_published_once ON drafts (kind, subject, version)
  WHERE state = 'published' AND version IS NOT NULL;
CREATE INDEX drafts_by_state ON drafts (state, id);
