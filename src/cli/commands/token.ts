import { type Command, Option } from 'commander'
import { AppError } from '../../base/app-error.ts'
import { DURATION_EXPECTED, parseDuration } from '../../base/duration.ts'
import { ROLES, type Role } from '../../protocol/access.ts'
import {
  type AccessToken,
  addToken,
  ENROLMENT_MS_MAX,
  enrolRegion,
  listTokens,
  revokeToken,
  TOKEN_MS_MAX,
} from '../../protocol/people-api.ts'
import { coordinatorClient } from '../coordinator-client.ts'
import { asJson, type IncidentOptions, withCoordinator } from '../incident-options.ts'
import { wrapText } from '../wrap-text.ts'

/** `firewatch token`: what lets programs, terminals and probes in. */
export function addTokenCommand(program: Command): void {
  const token = program
    .command('token')
    .description('Make, list and revoke what lets programs and probes in; for admins.')
    .addHelpText('after', wrapText(HELP))

  withCoordinator(token.command('create'))
    .description('Make a token for a program or a terminal. Its secret is printed once.')
    .requiredOption('--name <words>', 'what it is for; its deeds are known by it')
    .addOption(
      new Option('--role <role>', 'what it may do').choices(ROLES).default('viewer' satisfies Role),
    )
    .option('--login <login>', 'the person whose deeds its deeds are')
    .option('--for <duration>', 'how long it is good, such as 12h or 90d', '90d')
    .action(create)

  withCoordinator(token.command('enrol'))
    .description('Make a one-time token with which one probe gets a credential of its own.')
    .requiredOption('--region <id>', 'where the probe stands')
    .option('--probe <id>', 'the only probe that may use it')
    .option('--for <duration>', 'how long it is good', '1h')
    .action(enrol)

  withCoordinator(token.command('list'))
    .description('Print tokens, enrolments and probes that are let in.')
    .option('--all', 'also those that are over')
    .action(list)

  withCoordinator(token.command('revoke'))
    .description('End a token, an enrolment or the credential of a probe, at once.')
    .argument('<id>', 'from firewatch token list')
    .action(revoke)
}

const HELP = `
FIREWATCH_TOKEN (or FIREWATCH_TOKEN_FILE) holds the token of an admin; the first one is made on the page
People. FIREWATCH_COORDINATOR_URL says where the coordinator is when --coordinator does not. The secret
goes to standard output alone, so that it can be sent into a file. Exits with 2 when something is not
valid or not allowed, with 3 when the coordinator does not answer.`

type CreateOptions = IncidentOptions & { name: string; role: Role; login?: string; for: string }

async function create(options: CreateOptions): Promise<void> {
  const { name, role, login, coordinator, json } = options
  const answer = await coordinatorClient(coordinator).ask(addToken, {
    body: { name, role, login, forMs: durationOf(options.for, TOKEN_MS_MAX) },
  })
  if (json) return print(asJson(answer))
  explain(`${describe(answer.token)}\nIt is shown once; keep it as FIREWATCH_TOKEN:\n`)
  print(`${answer.secret}\n`)
}

type EnrolOptions = IncidentOptions & { region: string; probe?: string; for: string }

async function enrol(options: EnrolOptions): Promise<void> {
  const { region: regionId, probe: probeId, coordinator, json } = options
  const answer = await coordinatorClient(coordinator).ask(enrolRegion, {
    body: { regionId, probeId, forMs: durationOf(options.for, ENROLMENT_MS_MAX) },
  })
  if (json) return print(asJson(answer))
  explain(
    `${describe(answer.token)}\nIt is shown once; start the probe with it as FIREWATCH_ENROLMENT_TOKEN:\n`,
  )
  print(`${answer.secret}\n`)
}

async function list({ all, coordinator, json }: IncidentOptions & { all?: true }): Promise<void> {
  const query = all ? { all: 'true' } : {}
  const { data } = await coordinatorClient(coordinator).ask(listTokens, { query })
  if (json) return print(asJson(data))
  print(data.length === 0 ? 'There are none.\n' : `${data.map(describe).join('\n')}\n`)
}

async function revoke(id: string, { coordinator, json }: IncidentOptions): Promise<void> {
  const params = { tokenId: id }
  const token = await coordinatorClient(coordinator).ask(revokeToken, { params })
  print(json ? asJson(token) : `${describe(token)}\n`)
}

function durationOf(text: string, max: number): number {
  const ms = parseDuration(text)
  if (ms !== undefined && ms > 0 && ms <= max) return ms
  throw new AppError(
    'request.invalid',
    `--for: expected ${DURATION_EXPECTED}, at most ${max / 86_400_000}d; got ${text}`,
  )
}

function describe(token: AccessToken): string {
  const { id, kind, name, role, login, regionId, expiresAt, endedAt, lastUsedAt } = token
  const instant = (at: number) => new Date(at).toISOString().slice(0, 16).replace('T', ' ')
  const until = expiresAt === undefined ? 'until it is revoked' : `until ${instant(expiresAt)}`
  return [
    id,
    kind.padEnd(9),
    name,
    ...(role ? [role] : []),
    ...(login === undefined ? [] : [`as ${login}`]),
    ...(regionId === undefined || regionId === name ? [] : [`in ${regionId}`]),
    endedAt === undefined ? until : `over since ${instant(endedAt)}`,
    ...(lastUsedAt === undefined ? [] : [`last used ${instant(lastUsedAt)}`]),
  ].join('  ')
}

const print = (text: string): void => void process.stdout.write(text)
const explain = (text: string): void => void process.stderr.write(text)
