-- Slips: one row for each edition of a number; a file is complete or not there.
CREATE UNIQUE INDEX slips_once ON slips (number, edition);
ALTER TABLE slips ADD CONSTRAINT slips_known_code CHECK (code IN ('D02', 'D22', 'D23', 'D26'));
ALTER TABLE slips ADD CONSTRAINT slips_filed_whole CHECK ((object_key IS NULL) = (retain_until IS NULL) AND (object_key IS NULL) = (digest = ''));
