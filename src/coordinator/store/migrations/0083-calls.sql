-- Of a delivery that somebody else carries out, such as a telephone call: by which id they know it, and since
-- when; null while nobody has it. What becomes of it they tell later, or are asked when it is due.
alter table outbox add column taken_as text;
alter table outbox add column taken_at bigint;
