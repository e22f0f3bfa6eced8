import type { Run } from '../../protocol/run.ts'

/** Longest part of a message that tells failures apart; what comes after it is detail. */
const MESSAGE_LENGTH_MAX = 300

type Failure = Pick<Run, 'verdict' | 'error' | 'steps' | 'assertions' | 'diagnosis'>

/**
 * What failures of one cause have in common: the error's type, where it broke, and its message without
 * what differs from time to time. Runs with the same signature belong together. Undefined when the run
 * passed.
 */
export function failureSignature(run: Failure): string | undefined {
  if (run.verdict === 'passed') return undefined
  const wish = run.assertions.find(({ held, excluded }) => !held && excluded === undefined)
  const type = run.error?.type ?? (wish ? 'wish' : 'other')
  const message =
    run.error?.message ?? (wish ? `${wish.subject}: expected ${wish.expected}` : run.verdict)
  return [type, whereItBroke(run), normalizeMessage(message)].join(' | ')
}

/** The failing step of a journey, else the first layer that was found broken. */
function whereItBroke({ steps, diagnosis }: Failure): string {
  const step = steps.find(({ status }) => status === 'failed')
  if (step) return normalizeMessage(step.name)
  const broken = diagnosis?.firstBroken
  return broken === undefined ? '' : (diagnosis?.layers[broken]?.layer ?? '')
}

/** What differs although the cause is the same, and the word that stands for it; in this order. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/"[^"]*"|“[^”]*”|‘[^’]*’|`[^`]*`|(?<!\w)'[^']*'(?!\w)/g, '<text>'],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s,;)]+/gi, '<address>'],
  [/\b\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?/g, '<time>'],
  [/\b\d\d:\d\d:\d\d(\.\d+)?\b/g, '<time>'],
  [/\[[0-9a-f:.]*:[0-9a-f:.]+\](:\d+)?/gi, '<address>'],
  [/(?<![\w:])[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}(?![\w:])/gi, '<address>'],
  [/\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b/g, '<address>'],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, '<id>'],
]

/** A status is a name, not an amount: 404 and 502 have different causes. */
const STATUS = /(\bHTTP [1-5]\d\d\b|\bstatus: expected [^,]*, got [1-5]\d\d\b)/
const STATUS_ITSELF = /[1-5]\d\d$/
const AMOUNT = /[-+]?\d+([.,]\d+)*( ?(ms|min|s|h|d|kB|MB|B|%)(?!\w))?/g
const AMOUNTS_IN_A_ROW = /<n>( ?<n>)+/g

/**
 * The first line of a message with numbers, ids, times, addresses and quoted text taken out. What it
 * gives stays as it is when it is normalized again.
 */
export function normalizeMessage(message: string): string {
  // One replacement may lay bare another, such as a quotation between two numbers. Each takes away a
  // digit, a quotation mark or a colon, so that this ends.
  let text = firstLine(message)
  for (;;) {
    const next = normalizeOnce(text)
    if (next === text) return text
    text = next
  }
}

function normalizeOnce(text: string): string {
  let rest = text
  for (const [pattern, word] of VARYING) rest = rest.replace(pattern, word)
  return rest
    .split(STATUS)
    .map((part, index) => (index % 2 === 1 ? keepStatus(part) : part.replace(AMOUNT, '<n>')))
    .join('')
    .replace(AMOUNTS_IN_A_ROW, '<n>')
}

const keepStatus = (part: string): string => {
  const at = part.search(STATUS_ITSELF)
  return part.slice(0, at).replace(AMOUNT, '<n>') + part.slice(at)
}

/** Without zero characters, which PostgreSQL cannot store. */
const firstLine = (message: string): string =>
  (message.replaceAll('\0', '').trim().split('\n')[0] ?? '').trim().slice(0, MESSAGE_LENGTH_MAX)
