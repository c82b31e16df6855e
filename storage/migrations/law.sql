-- Invariants and indexes of the whole law; see constraints.sql for those of the foundation.

-- The notice is one; another only with a changed fact, or as the violation that it is.
ALTER TABLE notices DROP CONSTRAINT notices_one_only;
ALTER TABLE notices ADD CONSTRAINT notices_later_ones_have_a_cause
  CHECK (number >= 1 AND (number = 1 OR violation OR changed_fact <> ''));

-- What sweepers read: clocks and duties by the next moment at which something is to be done about them.
CREATE INDEX clocks_next ON clocks (next_at, case_id) WHERE next_at IS NOT NULL;
CREATE INDEX duties_next ON duties (next_at, case_id) WHERE next_at IS NOT NULL;
CREATE INDEX duties_by_case ON duties (case_id);
CREATE INDEX notifications_by_case ON notifications (case_id, seq);
CREATE INDEX notifications_waiting ON notifications (id) WHERE state = 'waiting';
CREATE INDEX special_procedures_by_case ON special_procedures (case_id, seq);
CREATE INDEX third_parties_by_case ON third_parties (case_id);
CREATE INDEX cases_by_parent ON cases (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX cases_in_order_of_acceptance ON cases (item_code, accepted_at, id) WHERE closed_at IS NULL;

-- A watch fires once for one due day of one run of a clock.
CREATE UNIQUE INDEX cards_once ON cards (case_id, rule, started_at, due_on) WHERE started_at IS NOT NULL;
-- The board of cards that nobody has lifted, the newest first.
CREATE INDEX cards_not_lifted ON cards (raised_at, id) WHERE state <> 'lifted';
CREATE UNIQUE INDEX closures_once ON closures (hall_id, day);
ALTER TABLE appointments ADD CONSTRAINT appointments_known_state CHECK (state IN ('booked', 'cancelled'));
CREATE UNIQUE INDEX appointments_booked_once ON appointments (case_id) WHERE state = 'booked';
CREATE INDEX appointments_of_hall ON appointments (hall_id, day) WHERE state = 'booked';
CREATE UNIQUE INDEX recount_lines_once ON recount_lines (recount_id, case_id, kind);
CREATE UNIQUE INDEX duties_open_once ON duties (case_id, kind) WHERE done_at IS NULL;

ALTER TABLE cards ADD CONSTRAINT cards_known_state CHECK (state IN ('standing', 'appealed', 'upheld', 'lifted'));
ALTER TABLE cases ADD CONSTRAINT cases_known_rank CHECK (rank IN (0, 1));
ALTER TABLE hearings ADD CONSTRAINT hearings_notified_early CHECK (held_on IS NULL OR notified_at IS NOT NULL);
ALTER TABLE special_procedures ADD CONSTRAINT special_procedures_told_first CHECK (started_at IS NULL OR served_at IS NOT NULL);
ALTER TABLE services ADD CONSTRAINT services_refusal_has_witness CHECK (NOT refused OR witness <> '');
ALTER TABLE postings ADD CONSTRAINT postings_known_state CHECK (state IN ('sent', 'signed', 'returned'));
-- A waybill stands for one parcel: its lines are numbered from 1 by the one act that sends them all.
CREATE UNIQUE INDEX postings_waybill_once ON postings (waybill, line);
CREATE INDEX postings_on_their_way ON postings (waybill) WHERE state = 'sent' AND order_id IS NOT NULL;
ALTER TABLE postal_orders ADD CONSTRAINT postal_orders_known_state
  CHECK (state IN ('waiting', 'sent', 'refused', 'cancelled'));
CREATE INDEX postal_orders_of_hall ON postal_orders (hall_id, ordered_at, id);
CREATE INDEX postal_orders_waiting ON postal_orders (id) WHERE state = 'waiting';
-- A case has one pickup code that opens the shelf, and waits in one place.
CREATE UNIQUE INDEX pickup_codes_open_once ON pickup_codes (case_id) WHERE ended_at IS NULL;
CREATE INDEX pickup_codes_newest ON pickup_codes (case_id, issued_at);
CREATE UNIQUE INDEX custody_stays_open_once ON custody_stays (case_id) WHERE out_at IS NULL;
CREATE INDEX custody_stays_waiting ON custody_stays (hall_id, in_at, id) WHERE out_at IS NULL;
ALTER TABLE custody_stays ADD CONSTRAINT custody_stays_left_for_a_cause CHECK ((out_at IS NULL) = (out_cause = ''));
-- What was delivered on a hall's day.
CREATE INDEX deliveries_by_day ON deliveries (delivered_at, id);
ALTER TABLE certificates ADD CONSTRAINT certificates_known_state
  CHECK (state IN ('in_force', 'void', 'reissued', 'revoked'));
ALTER TABLE certificates ADD CONSTRAINT certificates_known_proposal CHECK (proposal IN ('', 'void', 'reissue'));
ALTER TABLE certificates ADD CONSTRAINT certificates_ended_by_another
  CHECK (state NOT IN ('void', 'reissued') OR (proposed_by IS NOT NULL AND ended_by <> proposed_by));
CREATE UNIQUE INDEX postings_open_once ON postings (case_id) WHERE state = 'sent';
ALTER TABLE impasses ADD CONSTRAINT impasses_known_state
  CHECK (state IN ('registered', 'assigned', 'solved', 'fed_back', 'verified', 'filed'));
CREATE INDEX impasses_open ON impasses (hall_id, due_on, id) WHERE closed_at IS NULL;
-- The engine and an applicant act as what they are; nobody is granted to be one of them.
ALTER TABLE role_grants ADD CONSTRAINT role_grants_to_staff CHECK (role NOT IN ('applicant', 'system'));
ALTER TABLE ratings ADD CONSTRAINT ratings_five_levels CHECK (level BETWEEN 1 AND 5);
ALTER TABLE delegations ADD CONSTRAINT delegations_to_another CHECK (person_id <> delegate_id AND until_at > from_at);

ALTER TABLE cards ADD CONSTRAINT cards_settled_by_another CHECK (settled_by IS NULL OR settled_by <> appealed_by);

-- Queues: those whom the law serves first, then the most urgent.
DROP INDEX cases_of_hall;
DROP INDEX cases_of_department;
CREATE INDEX cases_of_hall ON cases (hall_id, rank, (coalesce(due_at, 'infinity'::timestamptz)), id);
CREATE INDEX cases_of_department ON cases (department_id, rank, (coalesce(due_at, 'infinity'::timestamptz)), id);
-- Those for whom one person answers to the applicant.
CREATE INDEX cases_of_owner ON cases (owner_id, rank, (coalesce(due_at, 'infinity'::timestamptz)), id)
  WHERE closed_at IS NULL;

-- The feed: events in the order of commits.
CREATE INDEX events_in_commit_order ON events (txid, id);
-- One delivery of an event to a webhook; what is due first; the dead ones.
CREATE UNIQUE INDEX webhook_deliveries_once ON webhook_deliveries (webhook_id, event_id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, due_at, id) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_dead ON webhook_deliveries (webhook_id, id) WHERE state = 'dead';
CREATE INDEX webhook_deliveries_in_order ON webhook_deliveries (webhook_id, id);
ALTER TABLE webhook_deliveries ADD CONSTRAINT webhook_deliveries_known_state
  CHECK (state IN ('waiting', 'delivered', 'dead'));

-- A mandate has a term, a matter and powers; a paper's own number counts once for one principal.
ALTER TABLE mandates ADD CONSTRAINT mandates_have_a_term CHECK (until_on >= from_on);
ALTER TABLE mandates ADD CONSTRAINT mandates_have_a_scope CHECK (cardinality(items) > 0 AND cardinality(powers) > 0);
ALTER TABLE mandates ADD CONSTRAINT mandates_known_powers CHECK (powers <@ ARRAY['file', 'supply', 'withdraw', 'collect']::varchar[]);
ALTER TABLE mandates ADD CONSTRAINT mandates_known_ending
  CHECK (ending IN ('', 'revoked', 'resigned', 'lapsed') AND (revoked_at IS NULL) = (ending = ''));
CREATE UNIQUE INDEX mandates_paper_once ON mandates (principal_id, reference) WHERE reference <> '';
ALTER TABLE mandates ADD CONSTRAINT mandates_evidence_is_a_scan FOREIGN KEY (evidence_id) REFERENCES scans (id);
ALTER TABLE mandates ADD CONSTRAINT mandates_signed_on_a_visit FOREIGN KEY (visit_id) REFERENCES visits (id);
ALTER TABLE mandate_scans ADD CONSTRAINT mandate_scans_of_a_scan FOREIGN KEY (scan_id) REFERENCES scans (id);
ALTER TABLE visits ADD CONSTRAINT visits_by_two_people CHECK (first_id <> second_id);
ALTER TABLE visits ADD CONSTRAINT visits_known_state CHECK (state IN ('booked', 'done', 'cancelled'));
ALTER TABLE visits ADD CONSTRAINT visits_to_conscious_people CHECK (state <> 'done' OR conscious);

-- The inbox of a place and of a person; what waits for a printer or a telephone; what was not sent.
CREATE INDEX notifications_inbox ON notifications (place_id, recipient, id) WHERE way = 'task' AND person_id IS NULL;
CREATE INDEX notifications_of_person ON notifications (person_id, id) WHERE way = 'task' AND person_id IS NOT NULL;
CREATE INDEX notifications_by_hand ON notifications (place_id, way, id)
  WHERE state = 'waiting' AND (way = 'letter' OR gateway = 'hand');
CREATE INDEX notifications_unsent ON notifications (id) WHERE state IN ('failed', 'suppressed');
CREATE INDEX notifications_for_gateways ON notifications (gateway, way)
  WHERE state = 'waiting' AND way IN ('sms', 'voice', 'call');
CREATE UNIQUE INDEX notification_reads_once ON notification_reads (notification_id, person_id);
ALTER TABLE notifications ADD CONSTRAINT notifications_known_state
  CHECK (state IN ('waiting', 'sent', 'delivered', 'failed', 'suppressed'));
ALTER TABLE notifications ADD CONSTRAINT notifications_known_way
  CHECK (way IN ('sms', 'voice', 'letter', 'task', 'call'));
