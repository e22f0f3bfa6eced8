-- Runs on SQLite and on PostgreSQL alike: text, bigint, double precision, no dialect's own types.
-- Instants are epoch milliseconds. Columns named `body` hold JSON of the protocol's schemas.

create table checks (
  check_id text primary key,
  service_id text not null,
  hash text not null,
  body text not null,
  -- Slots up to here are in the ledger.
  accounted_until bigint not null,
  -- Set when the check is no longer defined; its history stays.
  removed_at bigint
);

-- The ledger: one row for each slot that was due, with exactly one end.
create table slots (
  check_id text not null,
  region_id text not null,
  slot_at bigint not null,
  -- Null while the run is awaited.
  end_kind text,
  -- Without a run by then the slot was missed.
  due_by bigint not null,
  run_id text,
  duration_ms double precision,
  error_type text,
  message text,
  primary key (check_id, region_id, slot_at)
);
create index slots_awaited on slots (due_by) where end_kind is null;
create index slots_by_time on slots (slot_at);

create table runs (
  run_id text primary key,
  check_id text not null,
  region_id text not null,
  probe_id text not null,
  slot_at bigint not null,
  started_at bigint not null,
  received_at bigint not null,
  duration_ms double precision not null,
  verdict text not null,
  body text not null,
  unique (check_id, region_id, slot_at)
);
create index runs_by_time on runs (slot_at);

create table artifacts (
  run_id text not null,
  name text not null,
  media_type text not null,
  bytes bigint not null,
  stored_at bigint not null,
  primary key (run_id, name)
);
create index artifacts_by_age on artifacts (stored_at);

create table alerts (
  check_id text primary key,
  state text not null,
  body text not null,
  -- 1 when a run came in since the last evaluation.
  is_due bigint not null,
  -- When a vote that counts goes stale.
  evaluate_at bigint
);

create table probes (
  probe_id text primary key,
  region_id text not null,
  last_seen_at bigint not null,
  body text not null
);

create table regions (
  region_id text primary key,
  last_heard_at bigint not null
);

create table incidents (
  incident_id text primary key,
  number bigint not null unique,
  service_id text not null,
  state text not null,
  severity text not null,
  opened_at bigint not null,
  restored_at bigint,
  -- When a verifying incident counts as restored; a timer that survives restarts.
  verify_until bigint,
  body text not null
);
create index incidents_by_service on incidents (service_id, number);

create table incident_events (
  incident_id text not null,
  sequence bigint not null,
  type text not null,
  recorded_at bigint not null,
  body text not null,
  primary key (incident_id, sequence)
);

-- What must still be told to somebody. Written with the event that caused it.
create table outbox (
  delivery_id text primary key,
  channel_id text not null,
  incident_id text not null,
  -- The incident's event that it tells of; a channel hears an incident's events in this order.
  sequence bigint not null,
  event_type text not null,
  body text not null,
  state text not null,
  attempts bigint not null,
  due_at bigint not null,
  -- A coordinator that took it but died gives it back by letting this pass.
  leased_until bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  last_error text
);
create index outbox_pending on outbox (due_at) where state = 'pending';
create index outbox_by_incident on outbox (incident_id);

create table counters (
  name text primary key,
  value bigint not null
);
insert into counters (name, value) values ('incident', 0);

-- Rows that transactions lock so that two coordinators do not open two incidents for one service.
create table service_locks (
  service_id text primary key
);
