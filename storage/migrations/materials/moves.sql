-- Moving cases to other versions: a case stands once in a plan; a plan is approved by another person than made it.
CREATE UNIQUE INDEX migration_plan_lines_once ON migration_plan_lines (plan_id, case_id);
CREATE INDEX migration_plan_lines_in_order ON migration_plan_lines (plan_id, id);
CREATE INDEX migration_plans_of_organisation ON migration_plans (organisation_id, id);
ALTER TABLE migration_plans ADD CONSTRAINT migration_plans_known_state
  CHECK (state IN ('looking', 'looked_at', 'approved', 'moving', 'finished', 'cancelled'));
ALTER TABLE migration_plans ADD CONSTRAINT migration_plans_approved_by_another CHECK (approved_by <> planned_by);
ALTER TABLE migration_plans ADD CONSTRAINT migration_plans_moves_only_approved
  CHECK (state NOT IN ('approved', 'moving', 'finished') OR approved_by IS NOT NULL);
ALTER TABLE migration_plans ADD CONSTRAINT migration_plans_move_something
  CHECK (flow_from <> flow_to OR (item_code <> '' AND item_from <> item_to));
ALTER TABLE migration_plan_lines ADD CONSTRAINT migration_plan_lines_known_verdict CHECK (verdict IN ('moves', 'stays'));
ALTER TABLE migration_plan_lines ADD CONSTRAINT migration_plan_lines_known_result
  CHECK (result IN ('', 'moved', 'refused', 'gone') AND (result = 'moved') = (seq IS NOT NULL));
