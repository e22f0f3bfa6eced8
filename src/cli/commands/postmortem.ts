import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { AppError } from '../../base/app-error.ts'
import { parseDuration } from '../../base/duration.ts'
import { printable } from '../../definitions/printable.ts'
import { type ActionItem, ActionPriority, ActionType } from '../../protocol/postmortem.ts'
import {
  addActionItem,
  beginPostmortem,
  changeActionItem,
  exportPostmortem,
  getPostmortem,
  listActionItems,
  listPostmortems,
  movePostmortem,
} from '../../protocol/postmortem-api.ts'
import { PostmortemState } from '../../protocol/postmortem-state.ts'
import { systemClock } from '../../runtime/system-clock.ts'
import { coordinatorClient } from '../coordinator-client.ts'
import { asJson, type IncidentOptions, incidentIdOf, withCoordinator } from '../incident-options.ts'

type PersonOptions = IncidentOptions & { by?: string }

/** `firewatch postmortem …`: what is learnt from an incident, and what is to be done. */
export function addPostmortemCommand(program: Command): void {
  const postmortem = program
    .command('postmortem')
    .description('Read and lead the reviews of incidents, and what is to be done after them.')
  addReading(postmortem)
  addLeading(postmortem)
  addActions(postmortem.command('action').description('What is to be done, with owner and date.'))
}

const INCIDENT = ['<incident>', 'its id, such as INC-42 or 42'] as const

function addReading(postmortem: Command): void {
  withCoordinator(postmortem.command('list'))
    .description('The reviews that are not closed, the first due first.')
    .action(async ({ coordinator, json }: IncidentOptions) => {
      const answer = await coordinatorClient(coordinator).ask(listPostmortems)
      if (json) return print(asJson(answer))
      const rows = answer.data.map(({ incidentId, severity, state, dueAt, title }) =>
        [
          incidentId.padEnd(8),
          severity,
          state.replace('_', ' ').padEnd(9),
          dueWords(dueAt).padEnd(18),
          printable(title),
        ].join('  '),
      )
      print(rows.length === 0 ? 'every review is closed\n' : `${rows.join('\n')}\n`)
    })
  withCoordinator(postmortem.command('show'))
    .description('Show a review as Markdown, then what its words could do better.')
    .argument(...INCIDENT)
    .action(async (id: string, { coordinator, json }: IncidentOptions) => {
      const params = { incidentId: incidentIdOf(id) }
      const client = coordinatorClient(coordinator)
      const answer = await client.ask(getPostmortem, { params })
      if (json) return print(asJson(answer))
      const document = await client.download(exportPostmortem, { params, query: { format: 'md' } })
      print(document.toString('utf8').split('\n').map(printable).join('\n'))
      for (const { section, words, advice } of answer.advice)
        process.stderr.write(`${section}: "${printable(words)}": ${advice}\n`)
    })
  withCoordinator(postmortem.command('export'))
    .description('Write a review as a document.')
    .argument(...INCIDENT)
    .option('--format <format>', 'md or pdf; by the name of the file when absent')
    .option('--output <file>', 'where to; Markdown goes to the terminal when absent')
    .action(async (id: string, options: IncidentOptions & { format?: string; output?: string }) => {
      const { coordinator, output } = options
      const format = options.format ?? (output?.endsWith('.pdf') === true ? 'pdf' : 'md')
      if (format !== 'md' && format !== 'pdf')
        throw new AppError('request.invalid', `--format: expected md or pdf, got ${format}`)
      if (format === 'pdf' && output === undefined)
        throw new AppError('request.invalid', '--output: a PDF needs a file to be written to')
      const document = await coordinatorClient(coordinator).download(exportPostmortem, {
        params: { incidentId: incidentIdOf(id) },
        query: { format },
      })
      if (output === undefined) return print(document.toString('utf8'))
      await writeFile(output, document)
      process.stderr.write(`wrote ${output}\n`)
    })
}

function addLeading(postmortem: Command): void {
  withPerson(postmortem.command('begin'))
    .description('Begin a review where none began by itself, as after a minor incident.')
    .argument(...INCIDENT)
    .action(async (id: string, options: PersonOptions) => {
      const answer = await coordinatorClient(options.coordinator).ask(beginPostmortem, {
        params: { incidentId: incidentIdOf(id) },
        body: { by: options.by },
      })
      print(options.json ? asJson(answer) : `the postmortem of ${answer.incidentId} is a draft\n`)
    })
  withPerson(postmortem.command('move'))
    .description('Say how far a review is.')
    .argument(...INCIDENT)
    .argument('<state>', PostmortemState.options.join(', '))
    .option('--note <text>', 'in your words, for the timeline')
    .action(async (id: string, to: string, options: PersonOptions & { note?: string }) => {
      const answer = await coordinatorClient(options.coordinator).ask(movePostmortem, {
        params: { incidentId: incidentIdOf(id) },
        body: { by: options.by, to: to.replace('-', '_'), note: options.note },
      })
      print(
        options.json
          ? asJson(answer)
          : `the postmortem of ${answer.incidentId} is ${answer.state.replace('_', ' ')}\n`,
      )
    })
}

type ActionOptions = PersonOptions & {
  owner?: string
  due?: string
  priority?: string
  type?: string
  ticket?: string
  proof?: string
}

function addActions(action: Command): void {
  withCoordinator(action.command('list'))
    .description('What is to be done, the first due first.')
    .option('--state <state>', 'open, overdue or done', 'open')
    .option('--owner <name>', 'only of this person')
    .action(async (options: IncidentOptions & { state: string; owner?: string }) => {
      const { coordinator, json, state, owner } = options
      const answer = await coordinatorClient(coordinator).ask(listActionItems, {
        query: { state, owner },
      })
      if (json) return print(asJson(answer))
      const rows = answer.data.map(itemLine)
      print(rows.length === 0 ? `nothing is ${state}\n` : `${rows.join('\n')}\n`)
    })
  withPerson(action.command('add'))
    .description('Something to be done so that it does not happen again.')
    .argument(...INCIDENT)
    .argument('<what...>', 'what is to be done')
    .requiredOption('--owner <name>', 'the one person who does it')
    .requiredOption('--due <when>', 'a day such as 2026-03-20, or within so long, such as 14d')
    .option('--priority <priority>', ActionPriority.options.join(', '), 'P2')
    .option('--type <type>', ActionType.options.join(', '), 'prevent')
    .option('--ticket <link>', 'where the work is')
    .action(async (id: string, what: string[], options: ActionOptions) => {
      const { owner, due = '', priority, type, ticket, by } = options
      const answer = await coordinatorClient(options.coordinator).ask(addActionItem, {
        params: { incidentId: incidentIdOf(id) },
        body: { title: what.join(' '), owner, dueAt: dayOf(due), priority, type, ticket, by },
      })
      print(options.json ? asJson(answer) : `${itemLine(answer)}\n`)
    })
  withPerson(action.command('done'))
    .description('It is done.')
    .argument('<item>', 'such as AI-7')
    .option('--proof <text>', 'what shows it, such as the name of a check')
    .action(async (itemId: string, { proof, by, coordinator, json }: ActionOptions) => {
      const answer = await coordinatorClient(coordinator).ask(changeActionItem, {
        params: { itemId: itemId.toUpperCase() },
        body: { isDone: true, proof, by },
      })
      print(json ? asJson(answer) : `${itemLine(answer)}\n`)
    })
}

const withPerson = (command: Command): Command =>
  withCoordinator(command).option(
    '--by <name>',
    'who does it',
    process.env.FIREWATCH_USER ?? process.env.USER,
  )

const print = (text: string): void => void process.stdout.write(text)

/** The end of that day in UTC, or so long from now. @throws {AppError} `request.invalid` */
function dayOf(written: string): number {
  const within = parseDuration(written)
  if (within !== undefined) return systemClock.now() + within
  const day = /^\d{4}-\d\d-\d\d$/.test(written) ? Date.parse(`${written}T23:59:59Z`) : Number.NaN
  if (Number.isNaN(day))
    throw new AppError(
      'request.invalid',
      `--due: expected a day such as 2026-03-20, or 14d, got ${written}`,
    )
  return day
}

const itemLine = ({ id, title, owner, dueAt, priority, type, incidentId, done }: ActionItem) =>
  [
    id.padEnd(6),
    priority,
    type.padEnd(8),
    (done ? 'done' : dueWords(dueAt)).padEnd(18),
    printable(owner),
    printable(title),
    `(${incidentId})`,
  ].join('  ')

function dueWords(dueAt: number | null): string {
  if (dueAt === null) return '–'
  const day = new Date(dueAt).toISOString().slice(0, 10)
  return dueAt < systemClock.now() ? `overdue ${day}` : `due ${day}`
}
