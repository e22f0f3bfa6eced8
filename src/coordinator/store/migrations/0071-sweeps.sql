-- Sweeps of incidents' signals: what was asked, and what has answered so far.
create table sweeps (
  sweep_id text primary key,
  incident_id text not null,
  -- Null while answers are awaited.
  ended_at bigint,
  body text not null
);
create index sweeps_by_end on sweeps (ended_at);
