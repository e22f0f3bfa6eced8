import type { ColumnType } from 'kysely'

/** The tables, as Kysely sees them; `migrations/` has the SQL and what each column means. */
export type Schema = {
  checks: {
    check_id: string
    service_id: string
    hash: string
    body: string
    accounted_until: number
    removed_at: number | null
  }
  slots: {
    check_id: string
    region_id: string
    slot_at: number
    end_kind: string | null
    due_by: number
    run_id: string | null
    duration_ms: number | null
    error_type: string | null
    message: string | null
  }
  runs: {
    run_id: string
    check_id: string
    region_id: string
    probe_id: string
    slot_at: number
    started_at: number
    received_at: number
    duration_ms: number
    verdict: string
    body: string
    phases: string | null
    is_flagged: number | null
    signature: string | null
    command_id: string | null
  }
  artifacts: {
    run_id: string
    name: string
    media_type: string
    bytes: number
    stored_at: number
  }
  alerts: {
    check_id: string
    state: string
    body: string
    is_due: number
    evaluate_at: number | null
  }
  probes: { probe_id: string; region_id: string; last_seen_at: number; body: string }
  regions: { region_id: string; last_heard_at: number }
  incidents: {
    incident_id: string
    number: number
    service_id: string
    state: string
    severity: string
    opened_at: number
    restored_at: number | null
    verify_until: number | null
    lead_due_at: number | null
    published_at: number | null
    body: string
  }
  measured_days: { check_id: string; day_at: number }
  incident_events: {
    incident_id: string
    sequence: number
    type: string
    recorded_at: number
    body: string
  }
  outbox: {
    delivery_id: string
    channel_id: string
    incident_id: string
    sequence: number
    event_type: string
    body: string
    state: string
    attempts: number
    due_at: number
    leased_until: number
    created_at: number
    updated_at: number
    last_error: string | null
    page_id: string | null
    page_step: string | null
    person_id: string | null
    destination: string | null
    contact_rank: number | null
    is_ambiguous: ColumnType<number, number | undefined, number>
    taken_as: string | null
    taken_at: number | null
  }
  pages: {
    page_id: string
    incident_id: string
    number: number
    service_id: string
    state: string
    due_at: number | null
    attempts: number
    body: string
  }
  server_keys: { name: string; value: string }
  silences: {
    silence_id: string
    created_at: number
    until_at: number
    ended_at: number | null
    body: string
  }
  on_call_changes: {
    change_id: string
    created_at: number
    from_at: number
    until_at: number
    body: string
  }
  hand_offs: { hand_off_id: string; due_at: number | null; until_at: number; body: string }
  heartbeats: { check_id: string; schedule: string; body: string; look_at: number | null }
  objectives: {
    objective_id: string
    definition: string
    summed_until: number
    received_until: number
    body: string | null
  }
  objective_sums: {
    objective_id: string
    region_id: string
    bucket_at: number
    good: number
    bad: number
    unknown: number
  }
  objective_traffic: { objective_id: string; due_at: number; body: string }
  inbox: { source_id: string; hash: string; received_at: number; body: string }
  signals: {
    source_id: string
    signal_key: string
    service_id: string
    state: string
    last_received_at: number
    body: string
  }
  changes: { change_id: string; service_id: string; changed_at: number; body: string }
  user_reports: { report_id: string; service_id: string; reported_at: number; body: string }
  postmortems: {
    incident_id: string
    revision: number
    updated_at: number
    updated_by: string
    body: string
  }
  postmortem_revisions: {
    incident_id: string
    revision: number
    saved_at: number
    saved_by: string
    restored_from: number | null
    body: string
  }
  action_items: {
    item_id: string
    number: number
    incident_id: string
    due_at: number
    done_at: number | null
    body: string
  }
  accounts: {
    login: string
    role: string
    email: string | null
    identity: string | null
    password: string | null
    created_at: number
    disabled_at: number | null
    last_sign_in_at: number | null
    name: string
  }
  credentials: {
    credential_id: string
    kind: string
    secret_hash: string
    login: string | null
    expires_at: number | null
    ended_at: number | null
    used_at: number | null
    created_at: number
    body: string
  }
  sign_in_attempts: { subject: string; failures: number; last_at: number }
  deeds: { deed_id: string; at: number; actor: string; body: string }
  watches: { incident_id: string; check_id: string; until_at: number; body: string }
  query_states: { query_id: string; due_at: number; body: string }
  throughputs: { service_id: string; due_at: number; body: string }
  query_scans: { query_id: string; day: number; bytes: number }
  sweeps: { sweep_id: string; incident_id: string; ended_at: number | null; body: string }
  counters: { name: string; value: number }
  service_locks: { service_id: string }
}
