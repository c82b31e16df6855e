-- Figures read facts by the day of receipt and of deemed acceptance, and what stands open or undelivered at a moment.
CREATE INDEX case_facts_received ON case_facts (received_on);
CREATE INDEX case_facts_deemed ON case_facts (deemed_on) WHERE deemed_on IS NOT NULL;
CREATE INDEX case_facts_open ON case_facts (closed_at);
CREATE INDEX case_facts_undelivered ON case_facts (delivered_at) WHERE outcome = 'granted';
