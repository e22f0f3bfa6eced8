import { isMap, isScalar, isSeq, parseDocument, stringify, type YAMLMap, type YAMLSeq } from 'yaml'

/** A journey as it stands in a file of checks. */
export type JourneyEntry = {
  id: string
  /** Path from the file of checks, such as `./checkout.journey.ts`. */
  script: string
  /** May use variables, such as `${SHOP_URL:-http://shop.test}/`. */
  url: string
  secrets?: readonly string[]
}

export type AddedJourney = { ok: true; text: string } | { ok: false; why: string }

const SCHEMA_LINE = '# yaml-language-server: $schema=../../config/schemas/checks.schema.json'
/** Often enough for a journey that is new; who needs more says so. */
const EVERY = '1m'

/**
 * Adds a journey at the end of a file of checks, or makes the file. What stands there stays to the
 * byte, comments too: the new lines are put in between. Only a list in brackets is written anew.
 *
 * @param text what is in the file; undefined when there is none yet.
 */
export function addJourney(
  text: string | undefined,
  serviceId: string,
  entry: JourneyEntry,
): AddedJourney {
  if (text === undefined || text.trim() === '')
    return {
      ok: true,
      text: `${SCHEMA_LINE}\nservice: ${serviceId}\n\nchecks:\n${entryLines(entry, '  ')}`,
    }
  const document = parseDocument(text, { logLevel: 'error' })
  const [error] = document.errors
  if (error) return { ok: false, why: `it is not valid YAML: ${error.message.split('\n')[0]}` }
  if (!isMap(document.contents)) return { ok: false, why: 'it does not say service and checks' }
  const written = document.get('service')
  if (written !== serviceId)
    return { ok: false, why: `it has the checks of the service ${String(written)}` }
  const checks = document.get('checks')
  if (!isSeq(checks) || checks.items.length === 0) {
    document.set('checks', [asWritten(entry)])
    return { ok: true, text: document.toString({ lineWidth: 0 }) }
  }
  if (idsOf(checks).includes(entry.id))
    return { ok: false, why: `it has a check with the id ${entry.id} already` }
  if (checks.flow) {
    checks.add(document.createNode(asWritten(entry), { flow: true }))
    return { ok: true, text: document.toString({ lineWidth: 0 }) }
  }
  return { ok: true, text: appended(text, checks, entry) }
}

/** Where the journeys of a file of checks start: the first `url` of one, as it is written. */
export function firstJourneyUrl(text: string): string | undefined {
  const { contents } = parseDocument(text, { logLevel: 'error' })
  const checks = isMap(contents) ? contents.get('checks') : undefined
  if (!isSeq(checks)) return undefined
  return maps(checks)
    .filter((check) => check.get('kind') === 'journey')
    .map((check) => check.get('url'))
    .find((url) => typeof url === 'string')
}

const maps = (checks: YAMLSeq) => checks.items.filter((item): item is YAMLMap => isMap(item))

const idsOf = (checks: YAMLSeq) => maps(checks).map((check) => check.get('id'))

function appended(text: string, checks: YAMLSeq, entry: JourneyEntry): string {
  const start = checks.range?.[0] ?? text.length
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1))
  const end = endOfList(text, checks, indent)
  const before = text.slice(0, end)
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const isSpaced = checks.items.some(
    (item, index) => index > 0 && isMap(item) && isAfterBlankLine(text, item),
  )
  const gap = `${before.endsWith('\n') ? '' : eol}${isSpaced ? eol : ''}`
  return `${before}${gap}${entryLines(entry, indent).replaceAll('\n', eol)}${text.slice(end)}`
}

function isAfterBlankLine(text: string, item: YAMLMap): boolean {
  const start = item.range?.[0] ?? 0
  const dash = text.lastIndexOf('-', start)
  return /\n[ \t]*\r?\n(?:[ \t]*#.*\r?\n)*[ \t]*$/.test(text.slice(0, dash))
}

/** Behind the last check's last line, and behind the comments that are indented as it is. */
function endOfList(text: string, checks: YAMLSeq, indent: string): number {
  const lastItem = checks.items.at(-1)
  const range =
    isMap(lastItem) || isScalar(lastItem) || isSeq(lastItem) ? lastItem.range : undefined
  const value = text.slice(0, range?.[1] ?? text.length).trimEnd().length
  const lineEnd = (from: number) => {
    const at = text.indexOf('\n', from)
    return at < 0 ? text.length : at + 1
  }
  let end = lineEnd(value)
  while (end < text.length) {
    const line = text.slice(end, lineEnd(end))
    if (!line.trimStart().startsWith('#') || !line.startsWith(`${indent} `)) return end
    end = lineEnd(end)
  }
  return end
}

const asWritten = ({ id, script, url, secrets = [] }: JourneyEntry) => ({
  id,
  kind: 'journey',
  script,
  url,
  ...(secrets.length > 0 && { secrets: [...secrets] }),
  every: EVERY,
})

function entryLines(entry: JourneyEntry, indent: string): string {
  const { secrets, ...rest } = asWritten(entry)
  const lines = Object.entries(rest).map(([key, value]) => `${key}: ${scalar(value)}`)
  if (secrets) lines.splice(-1, 0, `secrets: [${secrets.join(', ')}]`)
  return `${lines.map((line, index) => `${indent}${index === 0 ? '- ' : '  '}${line}`).join('\n')}\n`
}

const scalar = (value: unknown) => stringify(value, { lineWidth: 0 }).trimEnd()
