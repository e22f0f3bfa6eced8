/**
 * Where the public interface is, without its schemas: the browser program needs the addresses and
 * must not carry a schema library to a phone. The contracts are in `public-api.ts`.
 */
export const API_PREFIX = '/api/v1'

/** Path of each route below the host, with `:name` for parameters. */
export const PATHS = {
  now: `${API_PREFIX}/now`,
  checks: `${API_PREFIX}/checks`,
  check: `${API_PREFIX}/checks/:checkId`,
  runCheck: `${API_PREFIX}/checks/:checkId/run`,
  latency: `${API_PREFIX}/checks/:checkId/latency`,
  failures: `${API_PREFIX}/checks/:checkId/failures`,
  backtest: `${API_PREFIX}/checks/:checkId/backtest`,
  runs: `${API_PREFIX}/runs`,
  run: `${API_PREFIX}/runs/:runId`,
  artifact: `${API_PREFIX}/runs/:runId/artifacts/:name`,
  incidents: `${API_PREFIX}/incidents`,
  incident: `${API_PREFIX}/incidents/:incidentId`,
  incidentMatrix: `${API_PREFIX}/incidents/:incidentId/matrix`,
  signals: `${API_PREFIX}/signals`,
  queries: `${API_PREFIX}/queries`,
  changes: `${API_PREFIX}/changes`,
  reports: `${API_PREFIX}/reports`,
  objectives: `${API_PREFIX}/objectives`,
  incidentCommand: `${API_PREFIX}/incidents/:incidentId/:command`,
  incidentTimes: `${API_PREFIX}/incident-times`,
  postmortems: `${API_PREFIX}/postmortems`,
  postmortem: `${API_PREFIX}/postmortems/:incidentId`,
  actionItems: `${API_PREFIX}/action-items`,
  actionItem: `${API_PREFIX}/action-items/:itemId`,
  runbooks: `${API_PREFIX}/runbooks`,
  runbook: `${API_PREFIX}/runbooks/:runbookId`,
  silences: `${API_PREFIX}/silences`,
  endSilence: `${API_PREFIX}/silences/:silenceId/end`,
  onCall: `${API_PREFIX}/on-call`,
  onCallShifts: `${API_PREFIX}/on-call/shifts`,
  onCallForService: `${API_PREFIX}/on-call/services/:serviceId`,
  onCallLint: `${API_PREFIX}/on-call/lint`,
  onCallChanges: `${API_PREFIX}/on-call/changes`,
  confirmHandOff: `${API_PREFIX}/on-call/hand-offs/:handOffId/confirm`,
  endOnCallChange: `${API_PREFIX}/on-call/changes/:changeId/end`,
  testPages: `${API_PREFIX}/on-call/people/:personId/test-pages`,
  testPage: `${API_PREFIX}/on-call/test-pages/:testId`,
  regions: `${API_PREFIX}/regions`,
  probes: `${API_PREFIX}/probes`,
  events: `${API_PREFIX}/events`,
  me: `${API_PREFIX}/me`,
  password: `${API_PREFIX}/me/password`,
  signIn: `${API_PREFIX}/session`,
  signOut: `${API_PREFIX}/session/end`,
  acceptInvitation: `${API_PREFIX}/session/invitation`,
  /** Two pages of the organisation's sign-in: the way there, and the way back. */
  organisation: `${API_PREFIX}/session/organisation`,
  organisationBack: `${API_PREFIX}/session/organisation/back`,
  accounts: `${API_PREFIX}/accounts`,
  account: `${API_PREFIX}/accounts/:login`,
  accountInvitation: `${API_PREFIX}/accounts/:login/invitation`,
  tokens: `${API_PREFIX}/tokens`,
  enrolments: `${API_PREFIX}/enrolments`,
  revokeToken: `${API_PREFIX}/tokens/:tokenId/revoke`,
  audit: `${API_PREFIX}/audit`,
  /** Not of the interface: pages of Playwright's viewer, which takes the trace's address as `trace`. */
  traceViewer: '/trace-viewer/',
} as const

/** What a browser's program sends with each request that changes something; its value says nothing. */
export const REQUEST_HEADER = 'x-firewatch-request'

/**
 * What a failing request and its answer looked like, as the run's artifact; its form is in
 * `exchange.ts`. Values that are or may be secrets are masked before it is written.
 */
export const EXCHANGE_ARTIFACT = 'exchange.json'

/** What came of the run that recorded everything, as an artifact; its form is in `recording.ts`. */
export const RECORDING_ARTIFACT = 'recording.json'

/** How many slots a bar on the page "Now" shows. */
export const BAR_SLOTS = 30

/** An event comes over {@link PATHS.events} at least this often, so that a cut is noticed. */
export const EVENTS_HEARTBEAT_MS = 5_000

/** The address of a path: fills in `:params` and appends the query. The one URL builder. */
export function addressOf(
  path: string,
  params: Record<string, string> = {},
  query: Record<string, string | number | undefined> = {},
): string {
  const filled = path.replace(/:([A-Za-z]+)/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  )
  // By hand: URLSearchParams is of Node and browsers, and this compiles without either.
  const search = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
  return search.length === 0 ? filled : `${filled}?${search.join('&')}`
}
