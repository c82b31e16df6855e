-- A signature is drawn on the pad, or written on the slip that is scanned.
ALTER TABLE document_signatures ADD CONSTRAINT document_signatures_known CHECK (way IN ('pad', 'slip'));
