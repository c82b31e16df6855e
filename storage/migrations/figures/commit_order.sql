-- Events are read in the order of commits. Where a dump is loaded into a cluster whose transaction numbers begin anew, the
-- owner's next migration puts the last number of before on top of them, so that the order and every cursor go on.
CREATE FUNCTION commit_base() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 0;
CREATE FUNCTION commit_number(number xid8) RETURNS xid8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN ((number::text::bigint + commit_base())::text)::xid8;
ALTER TABLE events ALTER COLUMN txid SET DEFAULT commit_number(pg_current_xact_id());
