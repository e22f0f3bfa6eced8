-- While an incident of a service is verified: how much of its work the service does, and what it did at
-- the same hour of last week.
create table throughputs (
  service_id text primary key,
  -- When it is asked next; who moves it asks.
  due_at bigint not null,
  body text not null
);
