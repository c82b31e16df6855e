-- Facts are read by period: by the day on which a case was opened, decided, delivered.
CREATE INDEX case_facts_opened ON case_facts (opened_on);
CREATE INDEX case_facts_decided ON case_facts (decided_on) WHERE decided_on IS NOT NULL;
CREATE INDEX case_facts_delivered ON case_facts (delivered_on) WHERE delivered_on IS NOT NULL;
-- A moment that was settled is read back: what has changed since, and what came late.
CREATE INDEX case_facts_last ON case_facts (last_at);
ALTER TABLE late_events ADD CONSTRAINT late_events_of_event FOREIGN KEY (event_id) REFERENCES events (id);
ALTER TABLE late_events ADD CONSTRAINT late_events_of_case FOREIGN KEY (case_id) REFERENCES cases (id);
CREATE INDEX late_events_known ON late_events (known_at, case_id);
CREATE INDEX late_events_case ON late_events (case_id, known_at);
