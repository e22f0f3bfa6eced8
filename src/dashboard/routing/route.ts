/** Every page, by its address. What is not in the address is not a state of the page. */
export type Route =
  | { page: 'now' }
  | { page: 'incidents' }
  | { page: 'incident'; incidentId: string }
  | { page: 'postmortem'; incidentId: string }
  | { page: 'learning' }
  | { page: 'run'; runId: string }
  | { page: 'check'; checkId: string }
  | { page: 'objectives' }
  | { page: 'runbooks' }
  | { page: 'runbook'; runbookId: string }
  | { page: 'on-call' }
  | { page: 'fleet' }
  | { page: 'people' }
  | { page: 'account' }
  | { page: 'join' }
  | { page: 'unknown' }

export function routeOf(path: string): Route {
  const [first = '', id = '', ...rest] = path
    .replace(/^\/|\/$/g, '')
    .split('/')
    .map(decoded)
  if (rest.length > 0) return { page: 'unknown' }
  switch (first) {
    case '':
      return { page: 'now' }
    case 'incidents':
      return id === '' ? { page: 'incidents' } : { page: 'incident', incidentId: id }
    case 'runs':
      return id === '' ? { page: 'unknown' } : { page: 'run', runId: id }
    case 'checks':
      return id === '' ? { page: 'now' } : { page: 'check', checkId: id }
    case 'postmortems':
      return id === '' ? { page: 'learning' } : { page: 'postmortem', incidentId: id }
    case 'objectives':
      return id === '' ? { page: 'objectives' } : { page: 'unknown' }
    case 'runbooks':
      return id === '' ? { page: 'runbooks' } : { page: 'runbook', runbookId: id }
    case 'on-call':
      return id === '' ? { page: 'on-call' } : { page: 'unknown' }
    case 'fleet':
      return id === '' ? { page: 'fleet' } : { page: 'unknown' }
    case 'people':
    case 'account':
    case 'join':
      return id === '' ? { page: first } : { page: 'unknown' }
    default:
      return { page: 'unknown' }
  }
}

/** The address of a page; the inverse of {@link routeOf}. */
export const pageAddress = {
  now: () => '/',
  incidents: () => '/incidents',
  incident: (incidentId: string) => `/incidents/${encodeURIComponent(incidentId)}`,
  learning: () => '/postmortems',
  postmortem: (incidentId: string) => `/postmortems/${encodeURIComponent(incidentId)}`,
  run: (runId: string) => `/runs/${encodeURIComponent(runId)}`,
  check: (checkId: string) => `/checks/${encodeURIComponent(checkId)}`,
  objectives: () => '/objectives',
  runbooks: () => '/runbooks',
  runbook: (runbookId: string) => `/runbooks/${encodeURIComponent(runbookId)}`,
  onCall: () => '/on-call',
  fleet: () => '/fleet',
  people: () => '/people',
  account: () => '/account',
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part // Not an encoding; then it is nobody's name, and the page says so.
  }
}
