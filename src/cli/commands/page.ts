import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import { AppError } from '../../base/app-error.ts'
import { printable } from '../../definitions/printable.ts'
import { getTestPage, sendTestPage, type TestPage } from '../../protocol/test-page-api.ts'
import { systemClock } from '../../runtime/system-clock.ts'
import { coordinatorClient } from '../coordinator-client.ts'
import { EXIT } from '../exit-codes.ts'
import { asJson, type IncidentOptions, withCoordinator } from '../incident-options.ts'
import { whoAmI } from '../who-am-i.ts'
import { wrapText } from '../wrap-text.ts'

/** An attempt takes ten seconds at most; a call rings for half a minute, and is heard to its end. */
const WAIT_MS = 20_000
const WAIT_OF_CALL_MS = 75_000
const LOOK_EVERY_MS = 250

/** `firewatch page`: tests whether a person can be reached. */
export function addPageCommand(program: Command): void {
  withCoordinator(program.command('page'))
    .description('Send a test page to each contact of a person, and print what became of it.')
    .requiredOption('--test <person>', 'the id of the person in config/on-call.yaml')
    .option('--by <name>', 'who tests', process.env.FIREWATCH_USER ?? whoAmI())
    .addHelpText('after', wrapText(HELP))
    .action(test)
}

const HELP = `
A receiver that took the page proves nothing yet: whoever got it writes the day into
config/on-call.yaml. Exits with 0 when every contact took it, with 1 when one did not, with 3 when the
coordinator does not answer.`

type PageOptions = IncidentOptions & { test: string; by: string }

async function test({ test: personId, by, coordinator, json }: PageOptions): Promise<void> {
  const client = coordinatorClient(coordinator)
  let page: TestPage = await client.ask(sendTestPage, { params: { personId }, body: { by } })
  if (page.contacts.length === 0)
    throw new AppError('person.unknown', `${personId} has no contacts in config/on-call.yaml`)
  const hasCall = page.contacts.some(({ kind }) => kind === 'voice' || kind === 'sms')
  const deadline = systemClock.monotonic() + (hasCall ? WAIT_OF_CALL_MS : WAIT_MS)
  while (page.contacts.some(isUnderWay) && systemClock.monotonic() < deadline) {
    await wait(LOOK_EVERY_MS)
    page = await client.ask(getTestPage, { params: { testId: page.testId } })
  }
  process.stdout.write(json ? asJson(page) : render(page))
  const isFine = page.contacts.every(({ state }) => state === 'delivered')
  process.exitCode = isFine ? EXIT.fine : EXIT.checkFailed
}

const isUnderWay = ({ state }: TestPage['contacts'][number]) =>
  state === 'pending' || state === 'waiting'

const WORDS: Record<TestPage['contacts'][number]['state'], string> = {
  delivered: 'taken',
  undeliverable: 'failed',
  ambiguous: 'no answer; it may have arrived',
  pending: 'still on its way',
  waiting: 'still on its way',
  cancelled: 'not sent',
}

function render({ person, contacts }: TestPage): string {
  const lines = contacts.map(({ id, kind, state, verified, lastError }) => {
    const reason = lastError === undefined ? '' : `: ${printable(lastError)}`
    const since = verified === undefined ? 'not verified' : `verified ${verified}`
    return `  ${id.padEnd(16)} ${kind.padEnd(10)} ${WORDS[state]}${reason} (${since})`
  })
  const today = new Date(systemClock.now()).toISOString().slice(0, 10)
  const unverified = contacts.filter(
    ({ state, verified }) => state === 'delivered' && verified === undefined,
  )
  const advice =
    unverified.length === 0
      ? []
      : [
          '',
          `If ${printable(person.name)} got it, write into config/on-call.yaml:`,
          ...unverified.map(({ id }) => `  - id: ${id}\n    verified: ${today}`),
        ]
  return `${[`Test page for ${printable(person.name)}`, ...lines, ...advice].join('\n')}\n`
}
