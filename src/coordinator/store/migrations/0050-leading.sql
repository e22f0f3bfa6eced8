-- When time alone has something to say of how an incident is led: a reminder, or that nothing is done.
alter table incidents add column lead_due_at bigint;
create index incidents_by_lead_due on incidents (lead_due_at);
-- When the public first heard of it; null while it has not.
alter table incidents add column published_at bigint;
create index incidents_published on incidents (published_at);

-- Days on which a check was measured at all, so that ninety days are known without ninety days of slots.
create table measured_days (
  check_id text not null,
  -- Start of the day in UTC.
  day_at bigint not null,
  primary key (check_id, day_at)
);
