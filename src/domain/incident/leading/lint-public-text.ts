import type { Severity } from '../../../protocol/config.ts'

/** Words of a public text that customers do not need, or that will be held against us. */
export type TextProblem = { text: string; why: string }

export type PublicContext = {
  severity: Severity
  /** Ids that only we know: of checks, services and regions. */
  ids: readonly string[]
  /** Names of those who work on it. */
  people: readonly string[]
}

/** Programs and parts of machines: what is broken inside is no word for those outside. */
const PRODUCTS = [
  ...['postgres', 'postgresql', 'mysql', 'mariadb', 'mongodb', 'redis', 'memcached', 'cassandra'],
  ...['kafka', 'rabbitmq', 'elasticsearch', 'opensearch', 'nginx', 'haproxy', 'envoy', 'varnish'],
  ...['kubernetes', 'k8s', 'docker', 'terraform', 'jenkins', 'prometheus', 'grafana', 'datadog'],
  ...['aws', 'ec2', 's3', 'rds', 'lambda', 'cloudfront', 'route 53', 'gcp', 'azure', 'cloudflare'],
  ...['node.js', 'java', 'jvm', 'golang', 'php', 'sql', 'wal', 'linux', 'systemd'],
]

const TECHNICAL = [
  ...['5xx', '4xx', 'http', 'tls', 'dns', 'tcp', 'cpu', 'out of memory', 'oom', 'stack trace'],
  ...['p95', 'p99', 'latency', 'throughput', 'error rate', 'timeout', 'time-out', 'replica'],
  ...[
    'primary database',
    'failover',
    'rollback',
    'rolled back',
    'deploy',
    'deployment',
    'pod',
    'cluster',
  ],
  ...['load balancer', 'microservice', 'endpoint', 'backend', 'queue depth', 'disk space', 'node'],
]

/** While customers can do nothing, none of these is theirs to read. */
const BELITTLING = [
  'minor',
  'small',
  'slight',
  'slightly',
  'brief',
  'briefly',
  'just',
  'only a few',
]

const HOST =
  /\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:[a-z]{2,})\b(?::\d+)?|\b[a-z]+(?:-[a-z]+)*-?\d{1,3}\b(?=\W|$)/gi
const ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}\b/gi
const COUNT =
  /[~≈]?\b\d[\d,. ]*\s*(?:%|percent|users?|customers?|people|orders?|requests?|sessions?)(?=\W|$)/gi
const CODE = /(?<![\d,.])\b(?:error\s+)?[45]\d\d\b(?!\s*(?:min|hour|am|pm))/gi

/** Said of a matched host: `sev-1` and `covid-19` are none, and neither is our own public site. */
const NO_HOST = /^(?:sev-?[1-4]|e\.g|i\.e)$/i

/** What should be said otherwise before the public reads it. Empty is well. */
export function lintPublicText(text: string, context: PublicContext): TextProblem[] {
  const found: TextProblem[] = []
  const add = (matched: string, why: string) => {
    const said = matched.trim()
    if (!found.some((one) => one.text.toLowerCase() === said.toLowerCase()))
      found.push({ text: said, why })
  }
  for (const person of context.people)
    for (const match of findWords(text, [person])) add(match, 'names a person')
  for (const match of findWords(text, context.ids)) add(match, 'is a name that only we know')
  for (const match of findWords(text, PRODUCTS)) add(match, 'names a product')
  for (const match of findWords(text, TECHNICAL))
    add(match, 'is a word of ours; say what customers see')
  for (const [match] of text.matchAll(COUNT))
    add(match, 'counts people or requests; estimates become facts')
  for (const [match] of text.matchAll(ADDRESS)) add(match, 'is an address')
  for (const [match] of text.matchAll(HOST))
    if (!NO_HOST.test(match)) add(match, 'looks like the name of a machine')
  for (const [match] of text.matchAll(CODE)) add(match, 'is an error code')
  if (context.severity === 'SEV-1')
    for (const match of findWords(text, BELITTLING)) add(match, 'belittles a SEV-1')
  return found
}

/** Whole words, in any case. */
function findWords(text: string, words: readonly string[]): string[] {
  return words.flatMap((word) => {
    const name = word.trim()
    if (name.length < 2) return []
    const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    const match = new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'iu').exec(text)
    return match ? [match[0]] : []
  })
}

/** The problems in words, for a refusal: `"db-1" looks like the name of a machine`. */
export const describeTextProblems = (problems: readonly TextProblem[]): string =>
  problems.map(({ text, why }) => `“${text}” ${why}`).join('; ')
