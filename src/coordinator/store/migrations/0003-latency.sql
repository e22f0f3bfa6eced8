-- What the charts of a check and its list of failures need, so that no run's body is read for them.
-- Null in runs from before: they are in no chart.

-- JSON: milliseconds of each phase of the target, by its name.
alter table runs add column phases text;
-- 1 when the run's times are not published as the target's.
alter table runs add column is_flagged bigint;
-- What failures of one cause have in common; null when the run passed.
alter table runs add column signature text;

-- Has every column that a chart reads: bodies are large, and lie elsewhere.
create index runs_by_latency on runs
  (check_id, slot_at, region_id, verdict, is_flagged, duration_ms, phases);
create index runs_by_signature on runs (check_id, slot_at, signature, region_id)
  where signature is not null;
