import { hideSecrets } from './hide-secrets.ts'
import { quote } from './locator-source.ts'
import type { Recorded } from './recorded-event.ts'
import { splitSteps, type WrittenStep } from './split-steps.ts'
import { tidyEvents } from './tidy-events.ts'

export type WrittenJourney = {
  source: string
  /** Names of the secrets that it reads; their values are not in it. */
  secrets: string[]
  /** How many steps it has. */
  steps: number
  /** Rules that it may want under `never`, for requests that looked like an order. */
  never: string[]
}

/** What the body of a journey is given, in the order in which we write it. */
const GIVEN = ['page', 'context', 'step', 'target', 'secrets', 'totp']
const STEP_NAME_LENGTH_MAX = 60

/** Writes down what somebody did as a journey of ours. What was typed as a secret stays out of it. */
export function journeySource(recorded: Recorded, service: string): WrittenJourney {
  const { events, names, mask } = hideSecrets(
    tidyEvents(recorded.events),
    recorded.secretInputs,
    service,
  )
  const steps = splitSteps(events, recorded.url)
  const never = [...new Set(recorded.orders.map((order) => neverRule(mask(order))))]
  const takeName = uniqueNames()
  const body = steps.flatMap((step) => stepLines(step, takeName))
  const isUsed = (name: string) => body.some((line) => new RegExp(`\\b${name}\\b`).test(line))
  const given = GIVEN.filter((name) => isUsed(name))
  return {
    source: [
      `import { ${isUsed('expect') ? 'expect, ' : ''}journey } from 'firewatch'`,
      '',
      ...neverComment(never),
      '/** Recorded. Say here what a user does, and what for. */',
      `export default journey(async (${given.length > 0 ? `{ ${given.join(', ')} }` : ''}) => {`,
      ...body.map((line) => `  ${line}`),
      '})',
      '',
    ].join('\n'),
    secrets: names,
    steps: steps.filter(({ kind }) => kind === 'step').length,
    never,
  }
}

function stepLines(step: WrittenStep, takeName: (name: string) => string): string[] {
  if (step.kind === 'line') return [step.line]
  const { name, lines, opens } = step
  const begin = opens === undefined ? '' : `const ${opens} = `
  return [
    `${begin}await step(${quote(takeName(name))}, async () => {`,
    ...lines.map((line) => `  ${line}`),
    '})',
  ]
}

/** Steps are told apart by their names. */
function uniqueNames(): (name: string) => string {
  const taken = new Set<string>()
  return (name) => {
    const line = name.replace(/\s+/g, ' ').trim()
    const short =
      line.length > STEP_NAME_LENGTH_MAX ? `${line.slice(0, STEP_NAME_LENGTH_MAX - 1)}…` : line
    let free = short
    for (let i = 2; taken.has(free); i++) free = `${short} (${i})`
    taken.add(free)
    return free
  }
}

/** `POST https://shop.test/api/orders?x=1` as a rule for every origin. */
function neverRule(request: string): string {
  const [method = '', url = ''] = request.split(' ')
  const last = new URL(url).pathname.replace(/\/+$/, '').split('/').at(-1) ?? ''
  return `${method} **/${last}`
}

function neverComment(never: readonly string[]): string[] {
  if (never.length === 0) return []
  return [
    '// While it was recorded, the browser sent what looks like an order. If it is one, end the journey',
    '// before it, and forbid it for good:',
    `//   export default journey({ never: [${never.map(quote).join(', ')}] }, async ({ … }) => {`,
    '',
  ]
}
