-- Facts are read by period: by the day on which a case was opened, decided, delivered.
CREATE INDEX case_facts_opened ON case_facts (opened_on);
CREATE INDEX case_facts_decided ON case_facts (decided_on) WHERE decided_on IS NOT NULL;
CREATE INDEX case_facts_delivered ON case_facts (delivered_on) WHERE delivered_on IS NOT NULL;
