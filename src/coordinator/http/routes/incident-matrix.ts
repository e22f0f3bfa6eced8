import { AppError } from '../../../base/app-error.ts'
import { incidentMatrix, matrixChecks, matrixSpan } from '../../../domain/incident/matrix.ts'
import { getIncidentMatrix } from '../../../protocol/incident-matrix.ts'
import { BAR_SLOTS } from '../../../protocol/public-paths.ts'
import { findIncident } from '../../store/incidents.ts'
import { endsByBucket } from '../../store/slots.ts'
import { defineRoute } from '../define-route.ts'

export const getIncidentMatrixRoute = defineRoute(getIncidentMatrix, async ({ params }, parts) => {
  const { store, fleet, clock } = parts
  const incident = await findIncident(store, params.incidentId)
  if (!incident) throw new AppError('incident.unknown', params.incidentId)
  const span = matrixSpan(incident, clock.now())
  const checks = matrixChecks(incident, fleet.checks)
  const checkIds = checks.shown.map(({ check }) => check.id)
  return incidentMatrix(
    span,
    checks,
    await endsByBucket(store, { ...span, checkIds, buckets: BAR_SLOTS }),
  )
})
