import type { Command } from 'commander'
import { getIncident, listIncidents } from '../../protocol/public-api.ts'
import { systemClock } from '../../runtime/system-clock.ts'
import { coordinatorClient } from '../coordinator-client.ts'
import { asJson, type IncidentOptions, incidentIdOf, withCoordinator } from '../incident-options.ts'
import { addIncidentOrders } from '../incident-orders.ts'
import { paintFor } from '../paint.ts'
import { renderIncident, renderIncidents } from '../render-incident.ts'

/** `firewatch incident …`: what goes on, and what people do about it. */
export function addIncidentCommand(program: Command): void {
  const incident = program
    .command('incident')
    .description('See and lead incidents.')
    .addHelpText('after', HELP)

  withCoordinator(incident.command('list'))
    .description('List incidents, the newest first; the open ones, if nothing else is said.')
    .option('--state <state>', 'open, all, or a state such as restored', 'open')
    .option('--service <id>', 'only of this service')
    .option('--severity <severity>', 'only of this severity, such as SEV-1')
    .action(async (options: IncidentOptions & ListOptions) => {
      process.stdout.write(await list(options))
    })
  withCoordinator(incident.command('show'))
    .description(
      'Show one incident: how bad it is, what is affected, who is needed, what happened.',
    )
    .argument('<incident>', 'its id, such as INC-42 or 42')
    .action(async (id: string, { coordinator, json }: IncidentOptions) => {
      const params = { incidentId: incidentIdOf(id) }
      const answer = await coordinatorClient(coordinator).ask(getIncident, { params })
      process.stdout.write(
        json
          ? asJson(answer)
          : renderIncident(answer, { now: systemClock.now(), paint: paintFor() }),
      )
    })
  addIncidentOrders(incident)
}

const HELP = `
FIREWATCH_COORDINATOR_URL says where the coordinator is when --coordinator does not; FIREWATCH_USER, and
else USER, who you are when --by does not. Nobody checks that name until people sign in.
Exits with 2 when the coordinator refuses, with its reason; with 3 when it does not answer; with 4 when
there is no such incident.`

type ListOptions = { state: string; service?: string; severity?: string }

async function list(options: IncidentOptions & ListOptions): Promise<string> {
  const { coordinator, json, state, service, severity } = options
  const answer = await coordinatorClient(coordinator).ask(listIncidents, {
    query: { state: state === 'all' ? undefined : state, service, severity },
  })
  if (json) return asJson(answer)
  return renderIncidents(answer, { now: systemClock.now(), paint: paintFor() })
}
