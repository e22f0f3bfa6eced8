-- Checks that are watched closer for a while after an incident, each with the copy of its rule that
-- holds until then. A row whose time is over means nothing any more, whoever takes it away.

create table watches (
  incident_id text not null,
  check_id text not null,
  until_at bigint not null,
  body text not null,
  primary key (incident_id, check_id)
);
create index watches_by_check on watches (check_id, until_at);
