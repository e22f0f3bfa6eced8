-- Which earlier revision a revision took up again; null of what was typed.
alter table postmortem_revisions add column restored_from integer;
