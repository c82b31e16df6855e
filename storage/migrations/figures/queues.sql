-- What waits for a department and warns, by when it begins to.
CREATE INDEX cases_warned_of_department ON cases (department_id, amber_at)
  WHERE amber_at IS NOT NULL AND state <> 'NEW';
