-- Who took over which duty, was told so, and confirmed it. The row is the timer: `due_at` is when somebody else
-- is told that it was not confirmed; null once it was, or they were.

create table hand_offs (
  hand_off_id text primary key,
  due_at bigint,
  until_at bigint not null,
  body text not null
);
create index hand_offs_due on hand_offs (due_at) where due_at is not null;
create index hand_offs_by_end on hand_offs (until_at);
