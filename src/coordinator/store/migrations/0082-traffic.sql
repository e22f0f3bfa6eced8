-- Objectives that traffic counts for: when its systems are asked next, and why they could not be.
create table objective_traffic (
  objective_id text primary key,
  -- Who moves it asks.
  due_at bigint not null,
  body text not null
);
