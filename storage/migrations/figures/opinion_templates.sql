-- Templates of opinions: short, with words in them, and few enough to choose from.
ALTER TABLE opinion_templates ADD CONSTRAINT opinion_templates_say_something
  CHECK (length(trim(title)) BETWEEN 1 AND 40 AND length(trim(text)) BETWEEN 1 AND 500);
CREATE INDEX opinion_templates_of_department ON opinion_templates (department_id)
  WHERE ended_at IS NULL AND department_id IS NOT NULL;
-- What waits in a department, counted by state, item and officer.
CREATE INDEX cases_open_in_department ON cases (department_id, state, item_code, handler_id) WHERE closed_at IS NULL;
