"""The auditor's desk: search, samples, findings, anomalies, a case as one record, who looked at whom."""
