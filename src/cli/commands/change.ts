import { randomUUID } from 'node:crypto'
import { type Command, Option } from 'commander'
import { z } from 'zod'
import { AppError } from '../../base/app-error.ts'
import { tellChange } from '../../protocol/public-api.ts'
import { Change } from '../../protocol/signal.ts'
import { readEnvironment } from '../../runtime/environment.ts'
import { systemClock } from '../../runtime/system-clock.ts'
import { coordinatorClient } from '../coordinator-client.ts'
import { asJson, type IncidentOptions, withCoordinator } from '../incident-options.ts'
import { instantOf } from '../instant-option.ts'
import { wrapText } from '../wrap-text.ts'

/** `firewatch change`: for pipelines, to tell what they changed. */
export function addChangeCommand(program: Command): void {
  withCoordinator(program.command('change'))
    .description('Tell of a change, so that an incident that follows shows it.')
    .requiredOption('--service <id>', 'the service that was changed')
    .requiredOption('--summary <words>', 'what was changed, in a line')
    .addOption(
      new Option('--kind <kind>', 'what sort of change it was')
        .choices(Change.shape.kind.options)
        .default('deploy'),
    )
    .option('--version <text>', 'what it runs now')
    .option('--link <url>', 'where one can read of it')
    .option('--id <text>', 'told twice it is stored once; a new one when absent')
    .option('--by <name>', 'who did it', process.env.FIREWATCH_USER ?? process.env.USER)
    .option('--at <when>', 'when it took effect: 10m (ago), or 2026-03-13T15:04:00Z; now')
    .addHelpText('after', wrapText(HELP))
    .action(tell)
}

const HELP = `
FIREWATCH_CHANGE_TOKEN (or FIREWATCH_CHANGE_TOKEN_FILE) holds the secret that config/signals.yaml names
under "changes". FIREWATCH_COORDINATOR_URL says where the coordinator is when --coordinator does not.
Exits with 2 when something is not valid, with 3 when the coordinator does not answer: a pipeline that
must go on all the same appends "|| true".`

type ChangeOptions = IncidentOptions & {
  service: string
  summary: string
  kind: string
  version?: string
  link?: string
  id?: string
  by?: string
  at?: string
}

async function tell(options: ChangeOptions): Promise<void> {
  const { service, at, id = randomUUID(), coordinator, json } = options
  const { summary, kind, version, link, by } = options
  const change = Change.safeParse({
    ...{ id, serviceId: service, kind, summary, version, link, by },
    at: at === undefined ? systemClock.now() : instantOf(at),
  })
  if (!change.success) {
    const [issue] = change.error.issues
    const [field = ''] = issue?.path ?? []
    const option = field === 'serviceId' ? 'service' : String(field)
    throw new AppError('request.invalid', `--${option}: ${issue?.message}`)
  }
  const { FIREWATCH_CHANGE_TOKEN } = readEnvironment(
    { FIREWATCH_CHANGE_TOKEN: z.string() },
    process.env,
  )
  const answer = await coordinatorClient(coordinator).ask(tellChange, {
    body: change.data,
    token: FIREWATCH_CHANGE_TOKEN,
    isRepeatable: true,
  })
  const { isRepeated, change: stored } = answer
  const words = `${stored.id}: ${stored.kind} of ${stored.serviceId}`
  process.stdout.write(
    json ? asJson(answer) : `${words}${isRepeated ? ' (it was told already)' : ''}\n`,
  )
}
