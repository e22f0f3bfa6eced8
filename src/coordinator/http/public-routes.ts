import type { ROUTES } from '../../protocol/public-api.ts'
import type { Route } from './define-route.ts'
import { backtestRoute } from './routes/backtest.ts'
import { listChangesRoute } from './routes/changes.ts'
import { getCheckRoute, listChecksRoute, runCheckRoute } from './routes/checks.ts'
import { getFailuresRoute } from './routes/failures.ts'
import { declareIncidentRoute, incidentCommandRoutes } from './routes/incident-commands.ts'
import { getIncidentMatrixRoute } from './routes/incident-matrix.ts'
import { getIncidentRoute, listIncidentsRoute } from './routes/incidents.ts'
import { getLatencyRoute } from './routes/latency.ts'
import { listQueriesRoute } from './routes/list-queries.ts'
import { listSignalsRoute } from './routes/list-signals.ts'
import { getNowRoute } from './routes/now.ts'
import { listObjectivesRoute } from './routes/objectives.ts'
import { onCallRoutes } from './routes/on-call.ts'
import { POSTMORTEM_ROUTES } from './routes/postmortems.ts'
import { listProbesRoute, listRegionsRoute } from './routes/regions.ts'
import { getRunbookRoute, listRunbooksRoute } from './routes/runbooks.ts'
import { getRunRoute, listRunsRoute } from './routes/runs.ts'
import { addSilenceRoute, endSilenceRoute, listSilencesRoute } from './routes/silences.ts'
import { testPageRoutes } from './routes/test-pages.ts'

/** Not compiling? A contract was added to `protocol/public-api.ts`, and nothing answers it yet. */
const routes: { [Name in keyof typeof ROUTES]: Route } = {
  getNow: getNowRoute,
  listChecks: listChecksRoute,
  getCheck: getCheckRoute,
  runCheck: runCheckRoute,
  getLatency: getLatencyRoute,
  getFailures: getFailuresRoute,
  listRuns: listRunsRoute,
  getRun: getRunRoute,
  listIncidents: listIncidentsRoute,
  getIncident: getIncidentRoute,
  listSignals: listSignalsRoute,
  listQueries: listQueriesRoute,
  listChanges: listChangesRoute,
  listObjectives: listObjectivesRoute,
  declareIncident: declareIncidentRoute,
  ...incidentCommandRoutes,
  listRunbooks: listRunbooksRoute,
  getRunbook: getRunbookRoute,
  listSilences: listSilencesRoute,
  addSilence: addSilenceRoute,
  endSilence: endSilenceRoute,
  listRegions: listRegionsRoute,
  listProbes: listProbesRoute,
}

export const PUBLIC_ROUTES: readonly Route[] = [
  ...Object.values(routes),
  ...onCallRoutes,
  ...testPageRoutes,
  backtestRoute,
  ...POSTMORTEM_ROUTES,
  getIncidentMatrixRoute,
]
