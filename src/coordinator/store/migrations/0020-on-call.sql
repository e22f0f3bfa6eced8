-- What people said about when they are on call: overrides, swaps and absences. Kept after their end:
-- who was on call is history.

create table on_call_changes (
  change_id text primary key,
  created_at bigint not null,
  from_at bigint not null,
  -- When it is over, or was ended.
  until_at bigint not null,
  body text not null
);
create index on_call_changes_by_end on on_call_changes (until_at);
