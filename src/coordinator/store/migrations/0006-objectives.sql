-- Objectives: what their runs were, summed up, so that thirty days are read without thirty days of slots.

create table objectives (
  objective_id text primary key,
  -- The definition that the sums were made for; another one begins anew.
  definition text not null,
  -- Slots before this are in the sums.
  summed_until bigint not null,
  -- Runs received up to here are in the sums, if their slots are.
  received_until bigint not null,
  -- JSON: state, reason, budget.
  body text
);

create table objective_sums (
  objective_id text not null,
  region_id text not null,
  -- Start of five minutes.
  bucket_at bigint not null,
  good bigint not null,
  bad bigint not null,
  unknown bigint not null,
  primary key (objective_id, bucket_at, region_id)
);

-- Runs that come late correct sums that were made without them.
create index runs_by_arrival on runs (received_at, check_id, slot_at);
