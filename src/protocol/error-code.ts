/**
 * The catalogue of error codes: stable names for programs, one sentence for people. `status` is the
 * HTTP status where the code leaves the coordinator. `src/README.md` lists them; a test compares.
 */
export const ERROR_CODES = {
  'request.invalid': { status: 400, means: 'The request does not have the documented form.' },
  'request.unauthorized': {
    status: 401,
    means: 'Nobody is signed in, or the token is missing or not known.',
  },
  'request.forbidden': { status: 403, means: 'The caller is known, and may not do this.' },
  'request.not_found': { status: 404, means: 'There is nothing at this address.' },
  'request.too_large': { status: 413, means: 'The body is larger than this route takes.' },
  'request.too_many': {
    status: 429,
    means: 'Too many requests; wait as long as retry-after says.',
  },
  'request.foreign': {
    status: 403,
    means: 'A browser sent this from a page that is not of this coordinator.',
  },
  'sign_in.refused': { status: 401, means: 'Login and password do not go together.' },
  'sign_in.wait': { status: 429, means: 'Too many attempts; wait as long as retry-after says.' },
  'sign_in.organisation': {
    status: 401,
    means:
      "The organisation's sign-in did not say who this is, or not as somebody who may come in.",
  },
  'invitation.unknown': { status: 404, means: 'This link was used, is too old, or never was one.' },
  'account.unknown': { status: 404, means: 'No account has this login.' },
  'account.exists': { status: 409, means: 'There is an account with this login already.' },
  'account.last_admin': { status: 409, means: 'Nobody would be left who may let others in.' },
  'token.unknown': { status: 404, means: 'No token with this id exists.' },
  'enrolment.refused': {
    status: 401,
    means: 'The enrolment token is unknown, used, too old, or for another probe.',
  },
  'probe.out_of_scope': {
    status: 403,
    means: "This is not of the probe's own region, name or checks.",
  },
  'region.unknown': { status: 404, means: 'The region is not in config/regions.yaml.' },
  'check.unknown': { status: 404, means: 'No check with this id is defined.' },
  'check.not_probed': { status: 409, means: 'A job calls by itself: no probe can run it.' },
  'run.unknown': { status: 404, means: 'No run with this id is stored.' },
  'incident.unknown': { status: 404, means: 'No incident with this id exists.' },
  'incident.wrong_state': {
    status: 409,
    means: 'The state of the incident does not allow this; the detail says what it allows.',
  },
  'incident.no_change': { status: 409, means: 'It is so already.' },
  'incident.reason_missing': { status: 409, means: 'This needs a reason or a note.' },
  'incident.time_impossible': {
    status: 409,
    means: 'It cannot have happened at the time that is given.',
  },
  'incident.finding_unknown': {
    status: 409,
    means: 'The findings are not open on this incident, or none would stay.',
  },
  'incident.cannot_join': {
    status: 409,
    means: 'The incident cannot become a part of the other one.',
  },
  'incident.event_unknown': {
    status: 409,
    means: 'The incident has no such entry, or it cannot be corrected.',
  },
  'incident.step_unknown': { status: 409, means: 'No runbook has this step.' },
  'incident.nobody_to_page': {
    status: 409,
    means: 'Nobody has this duty; the detail says why.',
  },
  'incident.public_text': {
    status: 409,
    means: 'The public text is not fit to be read by the public; the detail says why.',
  },
  'runbook.unknown': { status: 404, means: 'No runbook with this id is in config/runbooks/.' },
  'incident.mitigation_unknown': {
    status: 404,
    means: 'The incident has no mitigation of this id.',
  },
  'incident.watched': {
    status: 409,
    means: 'The incident is watched closer for a while yet, and nobody accepts that it ends early.',
  },
  'incident.not_reviewed': {
    status: 409,
    means:
      'An incident of this severity is reviewed before it is closed, or somebody says why not.',
  },
  'incident.full': { status: 409, means: 'The incident has as many events as it may have.' },
  'postmortem.unknown': { status: 404, means: 'The incident has no postmortem.' },
  'postmortem.conflict': {
    status: 409,
    means: 'Somebody else saved meanwhile; load it again, and put both together.',
  },
  'postmortem.closed': { status: 409, means: 'It is closed and does not change any more.' },
  'postmortem.too_large': { status: 409, means: 'It has more than it may have.' },
  'action_item.unknown': { status: 404, means: 'No action item with this id exists.' },
  'service.unknown': { status: 404, means: 'The service is not in config/services.yaml.' },
  'silence.unknown': { status: 404, means: 'No silence with this id exists.' },
  'person.unknown': {
    status: 404,
    means: 'Nobody of this id is in config/on-call.yaml, or no such page was sent to them.',
  },
  'on_call.unknown': {
    status: 404,
    means: 'No override, swap or absence with this id exists.',
  },
  'on_call.refused': {
    status: 409,
    means: 'It overlaps what was said before, or is over already; the detail says which.',
  },
  'artifact.unknown': {
    status: 404,
    means: 'The run has no such artifact, or it was not uploaded yet.',
  },
  'artifact.refused': {
    status: 409,
    means: 'The run did not announce this artifact, or not this size.',
  },
  'heartbeat.token_missing': {
    status: 503,
    means: "The coordinator lacks the variable with this job's token; its log names it.",
  },
  'signal.refused': {
    status: 401,
    means: 'No such source of signals, or the delivery does not prove that it is from it.',
  },
  'signal.malformed': { status: 400, means: 'The delivery does not have the form of its source.' },
  'signal.too_many': { status: 503, means: 'Too many deliveries wait; send this one again.' },
  'store.unavailable': { status: 503, means: 'The database cannot be reached; try again later.' },
  internal: { status: 500, means: 'A fault of the coordinator; its log has the details.' },
  'definitions.invalid': { status: 500, means: 'Files in probes/ or config/ have problems.' },
  'environment.invalid': { status: 500, means: 'An environment variable is missing or malformed.' },
  'backup.impossible': {
    status: 500,
    means: 'The backup cannot be made or restored; nothing of what was there is changed.',
  },
  'coordinator.unreachable': { status: 502, means: 'The coordinator did not answer in time.' },
  'coordinator.refused': { status: 502, means: 'The coordinator answered with an error.' },
  'port.taken': { status: 500, means: 'Another process listens on this port.' },
  'browser.missing': { status: 500, means: 'No Chromium was found on this machine.' },
  'journey.invalid': { status: 500, means: 'The journey file cannot be loaded.' },
  'spool.unusable': { status: 500, means: "The probe's spool folder cannot be written." },
  'demo.not_running': { status: 404, means: 'No demo fleet runs on this machine.' },
  'demo.unknown_fault': { status: 400, means: 'The demo has no fault of this name.' },
} as const satisfies Record<string, { status: number; means: string }>

export type ErrorCode = keyof typeof ERROR_CODES
