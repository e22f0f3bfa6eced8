import type { Command } from 'commander'
import { AppError } from '../../base/app-error.ts'
import { parseDuration } from '../../base/duration.ts'
import { addSilence, endSilence, listSilences } from '../../protocol/public-api.ts'
import { NewSilence, type Scope, type Silence } from '../../protocol/suppression.ts'
import { coordinatorClient, usualCoordinator } from '../coordinator-client.ts'
import { whoAmI } from '../who-am-i.ts'

type Where = { coordinator: string; json?: true }

/** `firewatch silence`: what is told to nobody for a while, and who wanted it so. */
export function addSilenceCommand(program: Command): void {
  const silence = program
    .command('silence')
    .description(
      'Tell nobody of what fires in a scope, for a while. It fires and is seen all the same.',
    )
    .addHelpText('after', HELP)

  const at = (command: Command) =>
    command
      .option('--coordinator <url>', 'where the coordinator is', usualCoordinator())
      .option('--json', 'print what the coordinator answers')

  at(silence.command('add'))
    .description('Begin a silence.')
    .requiredOption('--reason <words>', 'why; shown wherever something is not told for it')
    .requiredOption('--for <duration>', 'how long, such as 30m or 2h; at most 24h')
    .option('--check <id...>', 'checks that it covers')
    .option('--service <id...>', 'services that it covers')
    .option('--region <id...>', 'only what fails in these regions alone')
    .option('--until-resolved', 'end it earlier, as soon as nothing that it covers fires')
    .option('--by <name>', 'who wants it', whoAmI())
    .action(add)

  at(silence.command('list'))
    .description('Print the silences that hold now.')
    .option('--all', 'also those that are over, the newest first')
    .action(list)

  at(silence.command('end'))
    .description('End a silence now; what still fires is told at once.')
    .argument('<id>', 'from firewatch silence list')
    .option('--by <name>', 'who ends it', whoAmI())
    .action(end)
}

const HELP = `
FIREWATCH_COORDINATOR_URL says where the coordinator is when --coordinator does not. Exits with 2 when
something is not valid or not there, with 3 when the coordinator does not answer.`

/** Silences of one answer. */
const LISTED_MAX = 200

type AddOptions = Where & {
  reason: string
  for: string
  check?: string[]
  service?: string[]
  region?: string[]
  untilResolved?: true
  by: string
}

async function add(options: AddOptions): Promise<void> {
  const forMs = parseDuration(options.for)
  const scope: Scope = {
    ...(options.service && { services: options.service }),
    ...(options.check && { checks: options.check }),
    ...(options.region && { regions: options.region }),
  }
  const asked = NewSilence.safeParse({
    author: options.by,
    reason: options.reason,
    scope,
    forMs,
    untilResolved: options.untilResolved ?? false,
  })
  if (!asked.success) {
    const option = { author: 'by', forMs: 'for', scope: 'check, --service or --region' }
    const problems = asked.error.issues.map(({ path: [key = ''], message }) => {
      const name = option[key as keyof typeof option] ?? String(key)
      return `--${name}: ${message}`
    })
    throw new AppError('request.invalid', problems.join('; '))
  }
  const silence = await coordinatorClient(options.coordinator).ask(addSilence, { body: asked.data })
  print(options, silence, `${describe(silence)}\nEnd it: firewatch silence end ${silence.id}\n`)
}

async function list(options: Where & { all?: true }): Promise<void> {
  const query = { limit: LISTED_MAX, ...(!options.all && { state: 'active' }) }
  const { data } = await coordinatorClient(options.coordinator).ask(listSilences, { query })
  const none = options.all ? 'There was no silence yet.\n' : 'Nothing is silenced.\n'
  print(options, data, data.length === 0 ? none : `${data.map(describe).join('\n')}\n`)
}

async function end(id: string, options: Where & { by: string }): Promise<void> {
  const silence = await coordinatorClient(options.coordinator).ask(endSilence, {
    params: { silenceId: id },
    body: { author: options.by },
  })
  print(options, silence, `${describe(silence)}\n`)
}

function print({ json }: Where, data: unknown, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(data, null, 2)}\n` : text)
}

function describe(silence: Silence): string {
  const { id, author, reason, until, untilResolved, endedAt, endedBy, scope } = silence
  const instant = (at: number) => new Date(at).toISOString()
  const lasts = `until ${instant(until)}${untilResolved ? ' or until it is resolved' : ''}`
  const ended = endedAt === undefined ? lasts : `ended ${instant(endedAt)} (${endedBy})`
  const names = Object.entries(scope).map(([list, ids]) => `${list} ${ids?.join(', ')}`)
  return `${id}  ${names.join('; ')}  ${ended}  ${author}: ${reason}`
}
