-- What is known of our own queries between two readings, so that a hold-down outlives a restart.
create table query_states (
  query_id text primary key,
  -- When it is asked next; who moves it asks.
  due_at bigint not null,
  body text not null
);

-- What queries that cost money have scanned, by day since 1970.
create table query_scans (
  query_id text not null,
  day bigint not null,
  bytes bigint not null,
  primary key (query_id, day)
);
