import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { AppError } from '../base/app-error.ts'
import { nearestName } from '../base/nearest-name.ts'
import type { CommandName } from '../protocol/incident-command.ts'
import { MitigationKind } from '../protocol/mitigation.ts'
import {
  declareIncident,
  getIncident,
  INCIDENT_COMMANDS,
  type RouteContract,
} from '../protocol/public-api.ts'
import { GateItem } from '../protocol/verification.ts'
import { coordinatorClient } from './coordinator-client.ts'
import { asJson, type IncidentOptions, incidentIdOf, withCoordinator } from './incident-options.ts'
import { instantOf } from './instant-option.ts'
import { LEADING_ORDERS } from './leading-orders.ts'
import { renderDone } from './render-incident.ts'
import { sweepIncident } from './sweep-incident.ts'
import { renderDraft, type UpdateOptions, updateBody, withUpdateOptions } from './update-options.ts'

export type Words = Record<string, string | undefined>

/** A subcommand that gives an incident a command. */
export type IncidentOrder = {
  /** As it is typed. */
  name: string
  command: CommandName
  description: string
  /** After the incident: `<text...>`. */
  arguments?: [name: string, description: string][]
  options?: [flags: string, description: string][]
  /** The command's body, of what was typed: the arguments after the incident, and the options. */
  body(typed: string[], options: Words): object
}

const NOTE: [string, string] = ['--note <text>', 'in your words, for the timeline']
const REASON: [string, string] = ['--reason <text>', 'why; it is needed']

const ORDERS: readonly IncidentOrder[] = [
  {
    name: 'confirm',
    command: 'confirm',
    description: 'You looked, and it is real.',
    options: [NOTE],
    body: (_, { note }) => ({ note }),
  },
  {
    name: 'false-alarm',
    command: 'decline',
    description: 'Nothing is wrong. What fails opens nothing until it was clear, or becomes wider.',
    options: [REASON],
    body: (_, { reason }) => ({ as: 'false_alarm', reason: reason ?? '' }),
  },
  {
    name: 'decline',
    command: 'decline',
    description: 'It is no incident; a ticket is enough.',
    options: [REASON, ['--ticket <id>', 'where the work goes on']],
    body: (_, { reason, ticket }) => ({ as: 'ticket', reason: reason ?? '', ticket }),
  },
  {
    name: 'ack',
    command: 'acknowledge',
    description: 'You have it, as wide and as severe as it is.',
    options: [NOTE, ['--generation <n>', 'only as far as you saw it']],
    body: (_, { note, generation }) => ({
      note,
      generation: generation === undefined ? undefined : Number(generation),
    }),
  },
  {
    name: 'note',
    command: 'note',
    description: 'Put your words on the timeline.',
    arguments: [['<text...>', 'what you saw or did']],
    options: [['--as <kind>', 'finding, decision, action or result: each is progress']],
    body: (typed, { as }) => ({ text: typed.join(' '), as }),
  },
  {
    name: 'severity',
    command: 'severity',
    description: 'Raise the severity, or lower it with a reason.',
    arguments: [['<severity>', 'SEV-1, SEV-2, SEV-3 or SEV-4; the digit is enough']],
    options: [['--reason <text>', 'why; it is needed to lower it']],
    body: ([to = ''], { reason }) => ({ to: severityOf(to), reason }),
  },
  {
    name: 'data-at-risk',
    command: 'data-at-risk',
    description:
      'You fear that data is lost or wrong: it raises the severity where a rule says so.',
    arguments: [['<what...>', 'which data, in a sentence']],
    body: (typed) => ({ what: typed.join(' ') }),
  },
  {
    name: 'withdraw-data-at-risk',
    command: 'withdraw-data-at-risk',
    description: 'The data is known to be whole. The severity stays as it is.',
    options: [REASON],
    body: (_, { reason }) => ({ reason: reason ?? '' }),
  },
  {
    name: 'merge',
    command: 'merge',
    description: 'Make it a part of another incident, which takes its findings over.',
    arguments: [['<into>', 'the other incident']],
    options: [REASON],
    body: ([into = ''], { reason }) => ({ into: incidentIdOf(into), reason: reason ?? '' }),
  },
  {
    name: 'split',
    command: 'split',
    description: 'Make some of its findings an incident of their own.',
    arguments: [['<finding...>', 'keys such as check:checkout-stop; show lists them']],
    options: [REASON, ['--title <text>', 'of the other incident']],
    body: (keys, { reason, title }) => ({ keys, reason: reason ?? '', title }),
  },
  {
    name: 'stand-down',
    command: 'stand-down',
    description: 'It needs nobody any more, though it may fail on.',
    options: [REASON],
    body: (_, { reason }) => ({ reason: reason ?? '' }),
  },
  {
    name: 'mitigated',
    command: 'mitigated',
    description: 'The impact is over; it verifies once every finding is clear.',
    options: [['--note <text>', 'what was done; it is needed']],
    body: (_, { note }) => ({ note: note ?? '' }),
  },
  {
    name: 'resolve',
    command: 'resolve',
    description: 'The cause is fixed, or you accept the risk.',
    options: [
      ['--cause <text>', 'what it was, and how it was fixed'],
      ['--accept-risk <text>', 'why it is not fixed'],
      ['--accept-watch <text>', 'why nobody waits for the end of the watch'],
    ],
    body: (_, { cause, acceptRisk, acceptWatch: watchAccepted }) => {
      if ((cause === undefined) === (acceptRisk === undefined))
        throw new AppError('request.invalid', 'expected either --cause or --accept-risk')
      return cause === undefined
        ? { as: 'risk_accepted', reason: acceptRisk, watchAccepted }
        : { as: 'cause_fixed', reason: cause, watchAccepted }
    },
  },
  {
    name: 'close',
    command: 'close',
    description: 'Its review is done.',
    options: [NOTE, ['--without-review <text>', 'why nobody reviews it']],
    body: (_, { note, withoutReview }) => ({ note, withoutReview }),
  },
  {
    name: 'mitigate',
    command: 'mitigate',
    description:
      'Something was done so that the impact ends; the probes compare before with after.',
    arguments: [
      ['<kind>', MitigationKind.options.join(', ')],
      ['<what...>', 'what was done'],
    ],
    options: [['--target <name>', 'what it was done to']],
    body: ([kind = '', ...what], { target }) => ({
      kind: oneOf(kind, 'kind of mitigation', MitigationKind.options),
      what: what.join(' '),
      target,
    }),
  },
  {
    name: 'undo',
    command: 'undo-mitigation',
    description: 'A mitigation was taken back.',
    arguments: [['<mitigation>', 'such as m1; show lists them']],
    options: [NOTE],
    body: ([mitigationId = ''], { note }) => ({ mitigationId, note }),
  },
  {
    name: 'tick',
    command: 'tick-gate',
    description: 'What verification asks of people is done, or somebody does it later.',
    arguments: [['<item>', GateItem.options.join(' or ')]],
    options: [['--later <owner>', 'who does it, where it is left for later'], NOTE],
    body: ([item = ''], { later, note }) => ({
      item: oneOf(item, 'item of verification', GateItem.options),
      outcome: later === undefined ? 'done' : 'deferred',
      owner: later,
      note,
    }),
  },
  {
    name: 'override-gate',
    command: 'override-gate',
    description: 'Restore it although not everything holds; everybody is told.',
    options: [REASON],
    body: (_, { reason }) => ({ reason: reason ?? '' }),
  },
  {
    name: 'reopen',
    command: 'reopen',
    description: 'It is not over after all.',
    options: [REASON],
    body: (_, { reason }) => ({ reason: reason ?? '' }),
  },
  ...LEADING_ORDERS,
]

/** Adds a subcommand for each thing that people may do. */
export function addIncidentOrders(parent: Command): void {
  addDeclare(parent)
  addUpdate(parent)
  addSweep(parent)
  for (const order of ORDERS) {
    const command = withCoordinator(parent.command(order.name))
      .description(order.description)
      .argument('<incident>', 'its id, such as INC-42 or 42')
    for (const [name, description] of order.arguments ?? []) command.argument(name, description)
    for (const [flags, description] of order.options ?? []) command.option(flags, description)
    withPerson(command).action(async (id: string, ...rest: unknown[]) => {
      const typed = rest.slice(0, order.arguments?.length ?? 0).flat() as string[]
      const options = command.opts<IncidentOptions & PersonOptions & Words>()
      await send(options, INCIDENT_COMMANDS[order.command], order.body(typed, options), {
        incidentId: incidentIdOf(id),
      })
    })
  }
}

function addDeclare(parent: Command): void {
  const command = withCoordinator(parent.command('declare'))
    .description('Declare an incident in triage, or open one that no check has found.')
    .argument('[incident]', 'one in triage; without it another is opened')
    .option('--severity <severity>', 'SEV-1, SEV-2, SEV-3 or SEV-4; the digit is enough')
    .option(...NOTE)
    .option('--service <id>', 'of one that is opened: the service that is affected')
    .option('--title <text>', 'of one that is opened: what customers cannot do')
    .option('--reason <text>', 'of one that is opened: how you know')
    .option('--data-at-risk <text>', 'which data may be lost or wrong, where you fear that')
  withPerson(command).action(async (id: string | undefined) => {
    const options = command.opts<IncidentOptions & PersonOptions & Words>()
    const { severity, note, service, title, reason, dataAtRisk } = options
    const to = severity === undefined ? undefined : severityOf(severity)
    if (id !== undefined)
      return send(
        options,
        INCIDENT_COMMANDS.declare,
        { note, severity: to, dataAtRisk },
        { incidentId: incidentIdOf(id) },
      )
    const wanted = { serviceId: service, title, severity: to, reason }
    const missing = Object.entries(wanted).filter(([, value]) => value === undefined)
    if (missing.length > 0)
      throw new AppError(
        'request.invalid',
        'to open an incident, expected --service, --title, --severity and --reason; to declare one in triage, its id',
      )
    return send(options, declareIncident, { ...wanted, dataAtRisk }, {})
  })
}

function addSweep(parent: Command): void {
  const command = withCoordinator(parent.command('sweep'))
    .description('Ask all queries and run all checks of its services now; waits for the answers.')
    .argument('<incident>', 'its id, such as INC-42 or 42')
    .option(...BY)
  command.action(async (id: string) => {
    const options = command.opts<IncidentOptions & PersonOptions>()
    process.stdout.write(await sweepIncident(options, incidentIdOf(id), personOf(options)))
  })
}

/** Tells people how it stands: the draft of the evidence, with what is said otherwise. */
function addUpdate(parent: Command): void {
  const command = withUpdateOptions(
    withCoordinator(parent.command('update'))
      .description('Tell people, and with --public the public, how it stands.')
      .argument('<incident>', 'its id, such as INC-42 or 42'),
  )
  withPerson(command).action(async (id: string) => {
    const options = command.opts<IncidentOptions & PersonOptions & UpdateOptions>()
    const params = { incidentId: incidentIdOf(id) }
    const { leading } = await coordinatorClient(options.coordinator).ask(getIncident, { params })
    if (!leading) throw new AppError('coordinator.refused', 'this coordinator writes no drafts')
    if (options.draft)
      return void process.stdout.write(
        options.json ? asJson(leading.draft) : renderDraft(leading.draft),
      )
    await send(options, INCIDENT_COMMANDS.update, updateBody(leading.draft, options), params)
  })
}

type PersonOptions = { by?: string; at?: string }

const BY: [string, string, string | undefined] = [
  '--by <name>',
  'who does it',
  process.env.FIREWATCH_USER ?? process.env.USER,
]

const withPerson = (command: Command): Command =>
  command
    .option(...BY)
    .option('--at <when>', 'when it happened: 10m (ago), or 2026-03-13T15:04:00Z')

async function send(
  options: IncidentOptions & PersonOptions,
  contract: RouteContract & { response: typeof declareIncident.response },
  body: object,
  params: Record<string, string>,
): Promise<void> {
  const { at, coordinator, json } = options
  const by = personOf(options)
  const answer = await coordinatorClient(coordinator).ask(contract, {
    params,
    body: {
      ...body,
      by,
      commandId: randomUUID(),
      ...(at !== undefined && { occurredAt: instantOf(at) }),
    },
  })
  process.stdout.write(json ? asJson(answer) : renderDone(answer))
}

function personOf({ by }: PersonOptions): string {
  if (by === undefined || by.trim() === '')
    throw new AppError('request.invalid', 'who are you? give --by, or set FIREWATCH_USER')
  return by
}

/** @throws {AppError} `request.invalid` with what could have been meant. */
function oneOf(written: string, what: string, options: readonly string[]): string {
  if (options.includes(written)) return written
  const near = nearestName(written, options)
  throw new AppError(
    'request.invalid',
    `${written} is no ${what}; expected ${options.slice(0, -1).join(', ')} or ${options.at(-1)}${near ? `; did you mean ${near}?` : ''}`,
  )
}

const severityOf = (written: string): string =>
  /^[1-4]$/.test(written) ? `SEV-${written}` : written.toUpperCase()
