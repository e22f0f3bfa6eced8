-- Pages: one ladder gone through for one incident. The row is the timer: `due_at` is when its next step is
-- due, or when an acknowledgement is looked at; null where nothing is.

create table pages (
  page_id text primary key,
  incident_id text not null,
  number bigint not null,
  service_id text not null,
  state text not null,
  due_at bigint,
  -- How often it was due and could not be carried out; for whoever looks why.
  attempts bigint not null,
  body text not null
);
create index pages_by_incident on pages (incident_id, number);
create index pages_due on pages (due_at) where due_at is not null;

-- Of a delivery to a person: the page and its step (`<round>.<step>`), the person, their contact, and a
-- copy of where that is. A channel's deliveries have none of these; the channel is read from config/.
alter table outbox add column page_id text;
alter table outbox add column page_step text;
alter table outbox add column person_id text;
alter table outbox add column destination text;
-- Of several contacts the next one waits (state `waiting`) until the one before it failed.
alter table outbox add column contact_rank bigint;
-- 1 when an attempt ended without an answer: it may have arrived.
alter table outbox add column is_ambiguous bigint not null default 0;
create index outbox_by_page on outbox (page_id) where page_id is not null;

-- Keys that coordinators share and nobody writes down, such as that of signed links.
create table server_keys (
  name text primary key,
  value text not null
);
