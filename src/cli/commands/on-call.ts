import { type Command, Option } from 'commander'
import { AppError } from '../../base/app-error.ts'
import { parseDuration } from '../../base/duration.ts'
import { formatProblem } from '../../definitions/format-problem.ts'
import { describeForService, describeOnCall } from '../../domain/on-call/describe-on-call.ts'
import { escalationsFor } from '../../domain/on-call/escalations-for.ts'
import { simulateEscalation } from '../../domain/on-call/simulate-escalation.ts'
import { describeMoment } from '../../domain/on-call/wall-clock.ts'
import { FindingKind, Layer } from '../../protocol/finding-kind.ts'
import { NewOnCallChange, type OnCallChange, RotationRole } from '../../protocol/on-call.ts'
import {
  addOnCallChange,
  endOnCallChange,
  getOnCall,
  getOnCallForService,
  listOnCallChanges,
} from '../../protocol/on-call-api.ts'
import { Severity } from '../../protocol/severity.ts'
import { systemClock } from '../../runtime/system-clock.ts'
import { addConfirm } from '../confirm-hand-off.ts'
import { coordinatorClient } from '../coordinator-client.ts'
import { EXIT } from '../exit-codes.ts'
import { asJson, withCoordinator } from '../incident-options.ts'
import { type Moment, momentOf } from '../moment-option.ts'
import { complaintsAbout, fleetOf, placeComplaints, rosterOf } from '../on-call-files.ts'
import { paintFor } from '../paint.ts'
import { whoByProbe } from '../plan-on-probe.ts'
import { renderChange, renderForService, renderSimulation, renderWho } from '../render-on-call.ts'
import { whoAmI } from '../who-am-i.ts'

/** `firewatch on-call`: who is on call, who would be paged, and who says otherwise for a while. */
export function addOnCallCommand(program: Command): void {
  const onCall = program
    .command('on-call')
    .description('Who is on call, who would be paged when, and what would leave somebody unpaged.')
    .addHelpText('after', HELP)

  withCoordinator(onCall.command('who'))
    .description('Print who is on call; for a service also whom its ladder pages when.')
    .option('--at <time>', 'then instead of now', (text) => momentOf(text))
    .option('--service <id>', 'the service that is in trouble')
    .addOption(severityOption())
    .option('--dir <folder>', 'folder that holds config/, where the coordinator is away', '.')
    .option('--from-probe <folder>', 'read the copy in the data folder of a probe instead')
    .option('--offline', 'read the files alone; overrides and absences are not in them')
    .action(who)

  fromFiles(onCall.command('lint'))
    .description('Look through eight weeks for what would leave somebody unpaged or worn out.')
    .option('--at <time>', 'from then on instead of now', (text) => momentOf(text))
    .option('--strict', 'let warnings count as errors')
    .addHelpText('after', '\nExits with 1 when there is an error, with 0 when there is none.')
    .action(lint)

  fromFiles(onCall.command('simulate'))
    .description('Print minute by minute who would be paged by what.')
    .requiredOption('--service <id>', 'the service that is in trouble')
    .addOption(severityOption())
    .option('--at <time>', 'when the page is decided; now when absent', (text) => momentOf(text))
    .option(
      '--silent <person...>',
      'they do not answer, and everybody else does; nobody does when absent',
    )
    .addOption(new Option('--finding <kind>', 'what is wrong').choices(FindingKind.options))
    .addOption(new Option('--layer <layer>', 'from where it is seen').choices(Layer.options))
    .option('--says <words>', 'what is said of it, for rules that look at the words')
    .action(simulate)

  addConfirm(onCall)

  const override = onCall
    .command('override')
    .description('Let somebody have a duty for a while, or let two swap their turns.')
  withCoordinator(override.command('add'))
    .description('Let somebody have a duty, whoever has the turn.')
    .argument('<person>', 'id of the person who takes it')
    .requiredOption('--rotation <id>', 'whose duty it is')
    .addOption(roleOption())
    .option('--from <time>', 'when it begins; now when absent', (text) => momentOf(text, '--from'))
    .option('--until <time>', 'when it ends', (text) => momentOf(text, '--until'))
    .option('--for <duration>', 'or how long it lasts, such as 8h')
    .option('--reason <words>', 'why')
    .option('--by <name>', 'who says so', whoAmI())
    .action((person: string, options: OverrideOptions) =>
      add(options, { kind: 'override', personId: person, ...dutyOf(options) }),
    )
  withCoordinator(override.command('swap'))
    .description('Let two people have the turns of each other.')
    .argument('<person>')
    .argument('<other>')
    .requiredOption('--rotation <id>', 'whose turns they are')
    .addOption(roleOption())
    .option('--from <time>', 'when it begins; now when absent', (text) => momentOf(text, '--from'))
    .option('--until <time>', 'when it ends', (text) => momentOf(text, '--until'))
    .option('--for <duration>', 'or how long it lasts, such as 14d')
    .option('--reason <words>', 'why')
    .option('--by <name>', 'who says so', whoAmI())
    .action((person: string, other: string, options: OverrideOptions) =>
      add(options, { kind: 'swap', between: [person, other], ...dutyOf(options) }),
    )
  addListAndEnd(override, (change) => change.kind !== 'absence', 'overrides and swaps')

  const absence = onCall
    .command('absence')
    .description('Say when somebody is not there: whoever is next has their turns.')
  withCoordinator(absence.command('add'))
    .description('Say when somebody is not there.')
    .argument('<person>', 'id of the person')
    .option('--from <time>', 'when it begins; now when absent', (text) => momentOf(text, '--from'))
    .option('--until <time>', 'when it ends', (text) => momentOf(text, '--until'))
    .option('--for <duration>', 'or how long it lasts, such as 7d')
    .option('--reason <words>', 'why')
    .option('--by <name>', 'who says so', whoAmI())
    .action((person: string, options: ChangeOptions) =>
      add(options, { kind: 'absence', personId: person }),
    )
  addListAndEnd(absence, (change) => change.kind === 'absence', 'absences')
}

const HELP = `
Times are written 2026-11-01T03:00[America/New_York] or 2026-11-01T07:00:00Z.

FIREWATCH_COORDINATOR_URL says where the coordinator is when --coordinator does not. Exits with 2 when
something is not valid or not there, with 3 when the coordinator does not answer.`

const severityOption = () =>
  new Option('--sev <severity>', 'how severe it is: 1 to 4, or SEV-1 to SEV-4')
    .argParser((text: string) => {
      const severity = Severity.safeParse(/^[1-4]$/.test(text) ? `SEV-${text}` : text.toUpperCase())
      if (severity.success) return severity.data
      throw new AppError('request.invalid', `--sev: expected 1, 2, 3 or 4, got ${text}`)
    })
    .default('SEV-1')

const roleOption = () =>
  new Option('--role <role>', 'which of the two').choices(RotationRole.options).default('primary')

const fromFiles = (command: Command): Command =>
  command
    .option('--dir <folder>', 'folder that holds probes/ and config/', '.')
    .option('--coordinator <url>', 'ask this coordinator for overrides and absences as well')
    .option('--json', 'print it for programs')

type WhoOptions = {
  at?: Moment
  service?: string
  sev: Severity
  dir: string
  offline?: true
  fromProbe?: string
  coordinator: string
  json?: true
}

async function who(options: WhoOptions): Promise<void> {
  const { at, service, sev, json, fromProbe } = options
  if (fromProbe !== undefined) {
    const now = systemClock.now()
    const asked = { folder: fromProbe, service, at: at?.instant ?? now, now, json: json === true }
    const { text, exitCode } = await whoByProbe(asked)
    process.stdout.write(text)
    process.exitCode = exitCode
    return
  }
  const zone = at?.zone ?? 'UTC'
  const query = { ...(at && { at: at.instant }) }
  const client = coordinatorClient(options.coordinator)
  if (service === undefined) {
    const answer = await online(options, () => client.ask(getOnCall, { query }))
    const now = answer ?? describeOnCall(...(await offline(options)), process.versions.tz ?? '')
    process.stdout.write(json ? asJson(now) : renderWho(now, zone))
    return
  }
  const answer = await online(options, () =>
    client.ask(getOnCallForService, {
      params: { serviceId: service },
      query: { ...query, severity: sev },
    }),
  )
  if (answer) {
    process.stdout.write(json ? asJson(answer) : renderForService(answer, zone))
    return
  }
  const [roster, instant] = await offline(options)
  await requireService(options.dir, service)
  const told = describeForService(roster, { serviceId: service, severity: sev, at: instant })
  process.stdout.write(json ? asJson(told) : renderForService(told, zone))
}

/** At night the coordinator may be what is broken: then the files still say who has the turn. */
async function online<T>({ offline }: WhoOptions, ask: () => Promise<T>): Promise<T | undefined> {
  if (offline) return undefined
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'coordinator.unreachable') throw error
    process.stderr.write(
      `firewatch: ${error.message}; by the files alone, without overrides and absences:\n`,
    )
    return undefined
  }
}

async function offline({ dir, at }: { dir: string; at?: Moment }) {
  const instant = at?.instant ?? systemClock.now()
  const roster = await rosterOf(await fleetOf(dir), { since: instant })
  return [roster, instant] as const
}

async function requireService(dir: string, service: string): Promise<void> {
  const { services } = await fleetOf(dir)
  if (services.some(({ id }) => id === service)) return
  throw new AppError('service.unknown', `there is no service ${service} in config/services.yaml`)
}

type FileOptions = { dir: string; coordinator?: string; json?: true; at?: Moment }

async function lint(options: FileOptions & { strict?: true }): Promise<void> {
  const from = options.at?.instant ?? systemClock.now()
  const fleet = await fleetOf(options.dir)
  const roster = await rosterOf(fleet, { coordinator: options.coordinator, since: from })
  const complaints = complaintsAbout(fleet, roster, from)
  const places = await placeComplaints(options.dir, complaints)
  const errors = complaints.filter(({ level }) => level === 'error').length
  if (options.json) process.stdout.write(asJson({ from, complaints }))
  else {
    const paint = paintFor()
    const lines = places.map((place, index) => {
      const { level = 'error', kind = '' } = complaints[index] ?? {}
      return `${paint(level === 'error' ? 'red' : 'yellow', level)} ${kind} ${formatProblem(place)}\n`
    })
    const warnings = complaints.length - errors
    const total = `${count(errors, 'error')} and ${count(warnings, 'warning')} in the eight weeks from ${describeMoment(from, options.at?.zone ?? 'UTC')}`
    process.stdout.write(`${lines.join('')}${paint(errors > 0 ? 'red' : 'green', total)}\n`)
  }
  const isBad = errors > 0 || (options.strict && complaints.length > 0)
  process.exitCode = isBad ? EXIT.checkFailed : EXIT.fine
}

const count = (amount: number, noun: string) => `${amount} ${noun}${amount === 1 ? '' : 's'}`

type SimulateOptions = FileOptions & {
  service: string
  sev: Severity
  silent?: string[]
  finding?: FindingKind
  layer?: Layer
  says?: string
}

async function simulate(options: SimulateOptions): Promise<void> {
  const { service, sev, silent, dir, coordinator } = options
  const { instant: start, zone } = options.at ?? { instant: systemClock.now(), zone: 'UTC' }
  const fleet = await fleetOf(dir)
  await requireService(dir, service)
  const roster = await rosterOf(fleet, { coordinator, since: start })
  const stranger = silent?.find((id) => !roster.onCall.people.some((person) => person.id === id))
  if (stranger !== undefined)
    throw new AppError('request.invalid', `--silent: there is no person ${stranger}`)
  const says = options.says ?? ''
  const escalations = escalationsFor(roster.onCall, {
    severity: sev,
    services: [service],
    findings: [
      {
        ...{
          key: 'simulated',
          kind: options.finding ?? 'check_failing',
          subject: says,
          reason: says,
        },
        ...(options.layer && { layer: options.layer }),
      },
    ],
  })
  const simulation = simulateEscalation(
    roster,
    escalations,
    start,
    (personId) => silent !== undefined && !silent.includes(personId),
  )
  if (options.json) {
    process.stdout.write(asJson({ start, escalations, ...simulation }))
    return
  }
  const head = `${sev} of ${service}, decided ${describeMoment(start, zone)}${silent ? `; ${silent.join(', ')} ${silent.length === 1 ? 'does' : 'do'} not answer` : '; nobody answers'}`
  if (escalations.length === 0) {
    process.stdout.write(`${head}\n${sev} pages nobody.\n`)
    return
  }
  const because = escalations.map(({ id, because }) => `  ${id}: ${because}`)
  const { onCall } = roster
  process.stdout.write(
    `${head}\n${because.join('\n')}\n\n${renderSimulation(simulation, { onCall, start, zone })}`,
  )
}

type ChangeOptions = {
  coordinator: string
  json?: true
  from?: Moment
  until?: Moment
  for?: string
  reason?: string
  by: string
}
type OverrideOptions = ChangeOptions & { rotation: string; role: RotationRole }

const dutyOf = ({ rotation, role }: OverrideOptions) => ({ rotationId: rotation, role })

type Wanted =
  | { kind: 'override'; personId: string; rotationId: string; role: RotationRole }
  | { kind: 'swap'; between: [string, string]; rotationId: string; role: RotationRole }
  | { kind: 'absence'; personId: string }

async function add(options: ChangeOptions, wanted: Wanted): Promise<void> {
  const { from: begin, reason, by: author } = options
  const from = begin?.instant ?? systemClock.now()
  const until = endOf(options, from)
  const asked = NewOnCallChange.safeParse({
    ...{ ...wanted, from, until, author },
    ...(reason !== undefined && { reason }),
  })
  if (!asked.success) {
    const problems = asked.error.issues.map(
      ({ path, message }) => `${OPTION_OF[String(path[0])] ?? String(path[0])}: ${message}`,
    )
    throw new AppError('request.invalid', problems.join('; '))
  }
  const client = coordinatorClient(options.coordinator)
  const change = await client.ask(addOnCallChange, { body: asked.data })
  const zone = options.until?.zone ?? begin?.zone ?? 'UTC'
  const noun = wanted.kind === 'absence' ? 'absence' : 'override'
  process.stdout.write(
    options.json
      ? asJson(change)
      : `${renderChange(change, zone)}\nEnd it: firewatch on-call ${noun} end ${change.id}\n`,
  )
}

const OPTION_OF: Record<string, string> = {
  personId: '<person>',
  between: '<person> <other>',
  rotationId: '--rotation',
  author: '--by',
  reason: '--reason',
}

function endOf({ until, for: lasts }: ChangeOptions, from: number): number {
  if ((until === undefined) === (lasts === undefined))
    throw new AppError('request.invalid', 'expected one of --until and --for')
  if (until) return until.instant
  const ms = parseDuration(lasts ?? '')
  if (ms === undefined)
    throw new AppError('request.invalid', `--for: expected a duration such as 8h, got ${lasts}`)
  return from + ms
}

function addListAndEnd(
  command: Command,
  isMeant: (change: OnCallChange) => boolean,
  noun: string,
): void {
  withCoordinator(command.command('list'))
    .description(`Print the ${noun} that are not over.`)
    .action(async ({ coordinator, json }: { coordinator: string; json?: true }) => {
      const { data } = await coordinatorClient(coordinator).ask(listOnCallChanges)
      const found = data.filter(isMeant)
      const lines = found.map((change) => `${renderChange(change)}\n`).join('')
      process.stdout.write(json ? asJson(found) : lines || `There are no ${noun}.\n`)
    })
  withCoordinator(command.command('end'))
    .description('End one now, or before it begins.')
    .argument('<id>', 'from its list')
    .option('--by <name>', 'who ends it', whoAmI())
    .action(async (id: string, options: { coordinator: string; json?: true; by: string }) => {
      const change = await coordinatorClient(options.coordinator).ask(endOnCallChange, {
        params: { changeId: id },
        body: { author: options.by },
      })
      process.stdout.write(options.json ? asJson(change) : `${renderChange(change)}\n`)
    })
}
