import { parseDuration } from '../../base/duration.ts'
import type { Problem } from '../problem.ts'
import { type Path, problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { durationProblems } from './duration-rules.ts'
import { serviceProblems } from './signal-rules.ts'

/**
 * What the shape of `queries.yaml` does not say.
 *
 * @param counting the queries by which services count what they do.
 */
export function queryProblems(
  yaml: YamlFile,
  services: readonly string[] | undefined,
  counting: readonly string[],
): Problem[] {
  return queriesIn(yaml).flatMap(([path, query]) => [
    ...(services ? serviceProblems(yaml, [...path, 'service'], query, services) : []),
    ...['every', 'over'].flatMap((key) => durationProblems(yaml, [...path, key])),
    ...durationProblems(yaml, [...path, 'alert', 'for']),
    ...shareProblems(yaml, path, query),
    ...purposeProblems(yaml, path, query, counting),
    ...costProblems(yaml, path, query),
    ...tableProblems(yaml, path, query),
    ...scrapeProblems(yaml, path, query),
    ...countProblems(yaml, path, query),
    ...baselineProblems(yaml, path, query),
    ...unitProblems(yaml, path, query),
  ])
}

/** A query is asked to fire, to say whom an incident affects, or how much a service does. */
function purposeProblems(
  yaml: YamlFile,
  path: Path,
  query: unknown,
  counting: readonly string[],
): Problem[] {
  const hasImpact = valueAt(query, ['impact']) !== undefined
  const isCounting = counting.some((id) => id === valueAt(query, ['id']))
  return [
    ...(!hasImpact && !isCounting && valueAt(query, ['alert']) === undefined
      ? [
          problemAt(yaml, path, {
            message: 'nothing is done with its number',
            expected: '"alert", or "impact" where it says how many users are affected',
          }),
        ]
      : []),
    ...(hasImpact && valueAt(query, ['means']) === undefined
      ? [
          problemAt(yaml, [...path, 'impact'], {
            message: 'an estimate without its source is taken for a fact',
            expected: '"means", such as: distinct client addresses, last 10 min',
          }),
        ]
      : []),
  ]
}

/** A number for each value of a label: the query must give them, and whom it affects is one number. */
function tableProblems(yaml: YamlFile, path: Path, query: unknown): Problem[] {
  const by = valueAt(query, ['by'])
  if (typeof by !== 'string') return []
  const problem = (key: string, message: string, expected: string) =>
    problemAt(yaml, [...path, key], { message, expected })
  const beside = ['impact', 'distinct'].filter((key) => valueAt(query, [key]) !== undefined)
  const isGrouped = valueAt(query, ['kind']) === 'elasticsearch' || asksForPattern(query)
  const ungrouped = ['query', 'ratioOf'].filter((key) => {
    const text = valueAt(query, [key])
    return !isGrouped && typeof text === 'string' && !isGroupedBy(text, by)
  })
  return [
    ...beside.map((key) =>
      problem(key, `a number for each ${by} is no number of users`, `either "by" or "${key}"`),
    ),
    ...ungrouped.map((key) =>
      problem(
        key,
        `it gives one number, and not one for each ${by}`,
        `sum by (${by}) (…) in each query, or no "by"`,
      ),
    ),
  ]
}

/** A selector can be given a range; anything else cannot. */
const SELECTOR = /^[a-zA-Z_:][\w:]*\s*(?:\{[^{}[\]()]*\})?$/
/** A window of fewer scrapes has a gap with each that is late. */
const SCRAPES_MIN = 5

function scrapeProblems(yaml: YamlFile, path: Path, query: unknown): Problem[] {
  const scrape = valueAt(query, ['scrape'])
  if (scrape === undefined) return []
  const at: Path = [...path, 'scrape']
  const [up, interval, over] = ['up', 'interval', 'over'].map((key) => valueAt(scrape, [key]))
  const ms = (text: unknown) => (typeof text === 'string' ? parseDuration(text) : undefined)
  const intervalMs = ms(interval)
  const overMs = over === undefined ? SCRAPE_OVER_MS : ms(over)
  return [
    ...durationProblems(yaml, [...at, 'interval']),
    ...durationProblems(yaml, [...at, 'over']),
    ...(typeof up === 'string' && !SELECTOR.test(withoutStrings(up.trim()))
      ? [
          problemAt(yaml, [...at, 'up'], {
            message: 'it is no selector, so that its scrapes cannot be counted',
            expected: 'a metric and its labels, such as up{job="orders"}',
          }),
        ]
      : []),
    ...(intervalMs !== undefined && overMs !== undefined && overMs < SCRAPES_MIN * intervalMs
      ? [
          problemAt(yaml, [...at, 'interval'], {
            message: 'within so short a time a single late scrape would be a gap',
            expected: `at least ${SCRAPES_MIN} intervals in "over", which is 5m when absent`,
          }),
        ]
      : []),
  ]
}

const SCRAPE_OVER_MS = 5 * 60_000

const asksForPattern = (query: unknown) => valueAt(query, ['pattern']) !== undefined

/** A recording rule says nothing of its labels. */
const isGroupedBy = (text: string, by: string): boolean =>
  /^[\w:]+$/.test(text.trim()) ||
  [...withoutStrings(text).matchAll(/\bby\s*\(([^)]*)\)/g)].some(([, labels = '']) =>
    labels.split(',').some((label) => label.trim() === by),
  )

/** Where each look costs money. */
const COSTLY_EVERY_MS_MIN = 60_000

function costProblems(yaml: YamlFile, path: Path, query: unknown): Problem[] {
  if (valueAt(query, ['kind']) !== 'cloudwatch') return []
  const every = valueAt(query, ['every'])
  const everyMs = typeof every === 'string' ? parseDuration(every) : undefined
  return [
    ...(everyMs !== undefined && everyMs < COSTLY_EVERY_MS_MIN
      ? [
          problemAt(yaml, [...path, 'every'], {
            message: 'each look scans log data, which costs money',
            expected: 'at least 1m',
          }),
        ]
      : []),
    ...(valueAt(query, ['pattern']) !== undefined && valueAt(query, ['query']) !== undefined
      ? [
          problemAt(yaml, [...path, 'query'], {
            message: 'a pattern is looked for in all events of the log groups',
            expected: 'either "pattern" or "query"',
          }),
        ]
      : []),
  ]
}

function shareProblems(yaml: YamlFile, path: Path, query: unknown): Problem[] {
  const says = (key: string) => valueAt(query, [key]) !== undefined
  return [
    ...(says('pattern') && says('ratioOf')
      ? [
          problemAt(yaml, [...path, 'ratioOf'], {
            message: 'the number of a pattern is a share already',
            expected: 'either "pattern" or "ratioOf"',
          }),
        ]
      : []),
    ...(valueAt(query, ['alert', 'samplesMin']) !== undefined &&
    !says('ratioOf') &&
    !says('pattern')
      ? [
          problemAt(yaml, [...path, 'alert', 'samplesMin'], {
            message: '"samplesMin" is for shares',
            expected: '"ratioOf", the query of the whole',
          }),
        ]
      : []),
  ]
}

/** Words of what goes wrong, as queries have them. */
const ERRORS = /error|fail|exception|timeout|timed.out|refused|fatal|panic|5\.\.|5xx/i
/** A division, or a look at another time: then it is a share, or compared with what is usual. */
const RATIO_OR_BASELINE = /\/|\boffset\b/

/** A bare count of errors grows with the traffic: it is refused, unless it says that it is no share of it. */
function countProblems(yaml: YamlFile, path: Path, query: unknown): Problem[] {
  const text = valueAt(query, ['query'])
  const isBareCount =
    typeof text === 'string' &&
    valueAt(query, ['alert', 'above']) !== undefined &&
    ['ratioOf', 'pattern', 'unit'].every((key) => valueAt(query, [key]) === undefined) &&
    valueAt(query, ['alert', 'timesBaseline']) === undefined &&
    ERRORS.test(text) &&
    !RATIO_OR_BASELINE.test(withoutStrings(text))
  if (!isBareCount) return []
  return [
    problemAt(yaml, [...path, 'alert', 'above'], {
      message: 'a bare count of errors grows with the traffic, and fires on a busy day',
      expected:
        'a share, by "ratioOf"; a comparison with what is usual, by "timesBaseline" or offset; "unit: share" where a rule has recorded one; or "unit: events" where it is no share of traffic, such as processes that were killed',
    }),
  ]
}

/** What is usual may be nothing: without a limit beside it a single line would be too many. */
function baselineProblems(yaml: YamlFile, path: Path, query: unknown): Problem[] {
  if (valueAt(query, ['alert', 'timesBaseline']) === undefined) return []
  const problem = (message: string, expected: string) =>
    problemAt(yaml, [...path, 'alert', 'timesBaseline'], { message, expected })
  return [
    ...(valueAt(query, ['alert', 'above']) === undefined
      ? [
          problem(
            'where nothing is usual, anything at all would be too much',
            '"above" beside it, of which nothing less is bad',
          ),
        ]
      : []),
    ...(valueAt(query, ['by']) !== undefined
      ? [problem('what is usual is one number, and not one for each label', 'no "by"')]
      : []),
  ]
}

/** A unit says what cannot be read off the words; what can be, it must not deny. */
function unitProblems(yaml: YamlFile, path: Path, query: unknown): Problem[] {
  const unit = valueAt(query, ['unit'])
  const above = valueAt(query, ['alert', 'above'])
  const isShare = ['ratioOf', 'pattern'].some((key) => valueAt(query, [key]) !== undefined)
  return [
    ...(unit === 'events' && isShare
      ? [
          problemAt(yaml, [...path, 'unit'], {
            message: 'its number is a share, and not one of events',
            expected: 'either "unit: events", or "ratioOf" and "pattern"',
          }),
        ]
      : []),
    ...(unit === 'share' && typeof above === 'number' && above >= 1
      ? [
          problemAt(yaml, [...path, 'alert', 'above'], {
            message: 'no share is above 1',
            expected: 'a share such as 0.01, or "unit: events"',
          }),
        ]
      : []),
  ]
}

/** What stands in quotes is no operator. */
const withoutStrings = (text: string) => text.replaceAll(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '""')

function queriesIn(yaml: YamlFile): [Path, unknown][] {
  const queries = valueAt(yaml.value, ['queries'])
  return Array.isArray(queries) ? queries.map((query, index) => [['queries', index], query]) : []
}
