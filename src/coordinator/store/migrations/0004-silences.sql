-- What somebody wants not to be told of for a while. Kept after its end: who silenced what is history.

create table silences (
  silence_id text primary key,
  created_at bigint not null,
  -- It ends by itself then.
  until_at bigint not null,
  -- When somebody ended it, or what it covered was resolved.
  ended_at bigint,
  body text not null
);
create index silences_by_end on silences (until_at);
