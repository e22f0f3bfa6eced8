-- What people write of an incident afterwards. How far its review is, is an event of the incident.

create table postmortems (
  incident_id text primary key,
  -- Rises with each change; who saves must have seen the present one.
  revision integer not null,
  updated_at bigint not null,
  updated_by text not null,
  body text not null
);

create table postmortem_revisions (
  incident_id text not null,
  revision integer not null,
  saved_at bigint not null,
  saved_by text not null,
  body text not null,
  primary key (incident_id, revision)
);

create table action_items (
  item_id text primary key,
  number integer not null,
  incident_id text not null,
  due_at bigint not null,
  done_at bigint,
  body text not null
);
create index action_items_by_incident on action_items (incident_id);
create index action_items_by_due on action_items (due_at);

insert into counters (name, value) values ('action_item', 0);
