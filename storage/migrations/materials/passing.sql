-- Only what has come to its end passes away: work that is done, deliveries that arrived or were given up.
CREATE FUNCTION refuse_losing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state IN ('waiting', 'sent') OR (TG_TABLE_NAME = 'outbox' AND OLD.state = 'dead') THEN RAISE EXCEPTION '% is not over: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege'; END IF; RETURN OLD; END $$;
CREATE TRIGGER outbox_keeps_what_is_not_done BEFORE DELETE ON outbox FOR EACH ROW EXECUTE FUNCTION refuse_losing();
CREATE TRIGGER webhook_deliveries_keep_what_waits BEFORE DELETE ON webhook_deliveries FOR EACH ROW EXECUTE FUNCTION refuse_losing();
