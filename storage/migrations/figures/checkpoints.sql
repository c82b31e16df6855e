-- Checkpoints follow each other without gaps, and nothing that one seals is changed or taken away.
CREATE UNIQUE INDEX checkpoints_once ON checkpoints (number);
CREATE INDEX sealed_heads_of_chain ON sealed_heads (chain, seq);
ALTER TABLE checkpoints ADD CONSTRAINT checkpoints_from_one CHECK (number >= 1);
ALTER TABLE checkpoints ADD CONSTRAINT checkpoints_locked CHECK (object_key <> '' AND object_version <> '' AND signature <> '');
ALTER TABLE sealed_heads ADD CONSTRAINT sealed_heads_something CHECK (seq >= 1 AND digest <> '');
CREATE TRIGGER checkpoints_append_only BEFORE UPDATE OR DELETE ON checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER checkpoints_no_truncate BEFORE TRUNCATE ON checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER sealed_heads_append_only BEFORE UPDATE OR DELETE ON sealed_heads FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER sealed_heads_no_truncate BEFORE TRUNCATE ON sealed_heads FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
