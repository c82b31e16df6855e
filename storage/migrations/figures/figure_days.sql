-- Sums of days: one for each day, hall, department and item of a basis; a day is due once.
CREATE UNIQUE INDEX figure_days_once ON figure_days (basis, day, hall, department, item) NULLS NOT DISTINCT;
CREATE UNIQUE INDEX figure_days_due_once ON figure_days_due (basis, day);
CREATE INDEX figure_days_due_newest ON figure_days_due (day DESC, basis);
