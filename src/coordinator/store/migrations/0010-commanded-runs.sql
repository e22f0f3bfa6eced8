-- Runs that nobody scheduled: the command that asked for them. Null for the run of a slot.
alter table runs add column command_id text;
