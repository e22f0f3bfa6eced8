import type { Command } from 'commander'
import { listObjectives } from '../../protocol/public-api.ts'
import { coordinatorClient, usualCoordinator } from '../coordinator-client.ts'
import { renderObjectives } from '../render-objectives.ts'

type Options = { coordinator: string; service?: string; json?: true }

/** `firewatch objectives`: what is left of the error budgets, and on what that stands. */
export function addObjectivesCommand(program: Command): void {
  program
    .command('objectives')
    .description(
      'Print how the objectives stand, and on what: requests of users, or runs of probes.',
    )
    .option('--service <id>', 'only those of this service')
    .option('--coordinator <url>', 'where the coordinator is', usualCoordinator())
    .option('--json', 'print what the coordinator answers')
    .addHelpText('after', HELP)
    .action(list)
}

const HELP = `
FIREWATCH_COORDINATOR_URL says where the coordinator is when --coordinator does not. Exits with 3 when
the coordinator does not answer.`

async function list({ coordinator, service, json }: Options): Promise<void> {
  const query = { ...(service !== undefined && { service }) }
  const { data } = await coordinatorClient(coordinator).ask(listObjectives, { query })
  process.stdout.write(
    json ? `${JSON.stringify(data, null, 2)}\n` : renderObjectives(data, service),
  )
}
