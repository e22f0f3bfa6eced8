-- What other systems say is wrong.

-- Deliveries that were taken and not looked at yet: the sender has its answer already.
create table inbox (
  source_id text not null,
  -- SHA-256 of the body: what comes again before it was looked at is one delivery.
  hash text not null,
  received_at bigint not null,
  -- JSON: the signals that it told.
  body text not null,
  primary key (source_id, hash)
);
create index inbox_by_age on inbox (received_at);

create table signals (
  source_id text not null,
  signal_key text not null,
  service_id text not null,
  state text not null,
  last_received_at bigint not null,
  body text not null,
  primary key (source_id, signal_key)
);
create index signals_by_service on signals (service_id, state);
create index signals_by_age on signals (last_received_at);

-- What was changed on purpose.
create table changes (
  change_id text primary key,
  service_id text not null,
  changed_at bigint not null,
  body text not null
);
create index changes_by_service on changes (service_id, changed_at);

-- What people noticed.
create table user_reports (
  report_id text primary key,
  service_id text not null,
  reported_at bigint not null,
  body text not null
);
create index user_reports_by_service on user_reports (service_id, reported_at);
