-- Jobs that call by themselves: what each said so far.
create table heartbeats (
  check_id text primary key,
  -- The schedule that it is watched on; on another one it is due anew.
  schedule text not null,
  body text not null,
  -- When time alone may change how it stands; null when it never does.
  look_at bigint
);
create index heartbeats_by_time on heartbeats (look_at);
