-- Facts: of cases that there are; a notice once. The indexes serve periods by closing and by acceptance.
ALTER TABLE case_facts ADD CONSTRAINT case_facts_of_case FOREIGN KEY (case_id) REFERENCES cases (id);
ALTER TABLE notice_facts ADD CONSTRAINT notice_facts_of_case FOREIGN KEY (case_id) REFERENCES cases (id);
CREATE UNIQUE INDEX notice_facts_once ON notice_facts (case_id, number);
CREATE INDEX case_facts_closed ON case_facts (closed_on);
CREATE INDEX case_facts_accepted ON case_facts (accepted_on);
CREATE INDEX notice_facts_given ON notice_facts (given_on);
