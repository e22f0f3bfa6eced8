-- Who may come in, and what they did.

create table accounts (
  login text primary key,
  name text not null,
  role text not null,
  email text,
  -- Issuer and subject of the organisation's sign-in. Null for who signs in here.
  identity text unique,
  -- Hash, with its algorithm and parameters. Null until it is set.
  password text,
  created_at bigint not null,
  disabled_at bigint,
  last_sign_in_at bigint
);

-- Whatever lets somebody in without a password: sessions, tokens, enrolments, probes, one-time links,
-- ways to the organisation's sign-in. Of secrets only hashes are kept.
create table credentials (
  credential_id text primary key,
  kind text not null,
  -- SHA-256 of the secret.
  secret_hash text not null unique,
  -- Whom it speaks for. Null where that is nobody, or not known yet.
  login text,
  expires_at bigint,
  -- When it was revoked or used up.
  ended_at bigint,
  used_at bigint,
  created_at bigint not null,
  -- JSON: what the kind needs.
  body text not null
);
create index credentials_by_login on credentials (login, kind);
create index credentials_by_age on credentials (kind, created_at);

-- Failed attempts to sign in, by the hash of a login and by address.
create table sign_in_attempts (
  subject text primary key,
  failures bigint not null,
  last_at bigint not null
);
create index sign_in_attempts_by_age on sign_in_attempts (last_at);

-- The audit log.
create table deeds (
  deed_id text primary key,
  at bigint not null,
  actor text not null,
  body text not null
);
create index deeds_by_age on deeds (at, deed_id);
create index deeds_by_actor on deeds (actor, at);
