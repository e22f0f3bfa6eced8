import { randomUUID } from 'node:crypto'
import type { CheckDefinition, CheckKind, CheckOf } from '../../src/protocol/check.ts'
import { journeyDefaults } from '../../src/protocol/kinds/journey.ts'
import type { Run } from '../../src/protocol/run.ts'

/** Epoch milliseconds of a time written as text. */
export const at = (text: string): number => {
  const instant = Date.parse(text)
  if (Number.isNaN(instant)) throw new Error(`not a time: ${text}`)
  return instant
}

/** A valid run; a test states only what matters to it. */
export function aRun(overrides: Partial<Run> = {}): Run {
  return {
    runId: randomUUID(),
    checkId: 'shop-home',
    regionId: 'eu-west',
    probeId: 'eu-west-1',
    slotAt: at('2026-03-13T14:46:00Z'),
    startedAt: at('2026-03-13T14:46:00Z'),
    durationMs: 120,
    attempt: 1,
    verdict: 'passed',
    phases: [],
    steps: [],
    assertions: [],
    facts: {},
    artifacts: [],
    log: [],
    definitionHash: '0123456789abcdef',
    ...overrides,
  }
}

const common = {
  id: 'shop-home',
  serviceId: 'storefront',
  name: 'shop-home',
  tier: 'core' as const,
  schedule: { kind: 'interval' as const, everyMs: 10_000 },
  regions: ['eu-west', 'us-east', 'ap-south'],
  timeoutMs: 5_000,
  expectations: [],
  alert: { failuresToFire: 3, regionsMin: 2, passesToResolve: 2 },
  hash: '0123456789abcdef',
}

const byKind: { [K in CheckKind]: CheckOf<K> } = {
  http: {
    ...common,
    kind: 'http',
    url: 'http://127.0.0.1/',
    method: 'GET',
    headers: {},
    redirectsMax: 5,
  },
  dns: { ...common, kind: 'dns', questionName: 'shop.test', recordType: 'A' },
  tls: { ...common, kind: 'tls', host: '127.0.0.1', port: 443 },
  api: {
    ...common,
    kind: 'api',
    redirectsMax: 5,
    requests: [{ name: 'open', url: 'http://127.0.0.1/', method: 'GET', headers: {} }],
  },
  tcp: { ...common, kind: 'tcp', host: '127.0.0.1', port: 80, tls: false },
  icmp: { ...common, kind: 'icmp', host: '127.0.0.1', count: 3, size: 56 },
  websocket: { ...common, kind: 'websocket', url: 'ws://127.0.0.1/', headers: {} },
  grpc: {
    ...common,
    kind: 'grpc',
    host: '127.0.0.1',
    port: 443,
    tls: false,
    service: '',
    metadata: {},
  },
  smtp: { ...common, kind: 'smtp', host: '127.0.0.1', port: 25, security: 'none' },
  postgres: { ...common, kind: 'postgres', host: '127.0.0.1', port: 5432, security: 'disable' },
  heartbeat: {
    ...common,
    kind: 'heartbeat',
    regions: ['coordinator'],
    graceMs: 60_000,
    token: 'JOB_TOKEN',
  },
  journey: {
    ...common,
    kind: 'journey',
    script: 'storefront/homepage.journey.ts',
    url: 'http://127.0.0.1/',
    ...journeyDefaults(),
  },
}

/** A valid check of the given kind; a test states only what matters to it. */
export function aCheck<K extends CheckKind>(
  kind: K,
  overrides: Partial<CheckOf<K>> = {},
): CheckOf<K> {
  return { ...byKind[kind], ...overrides }
}

/** The same for code that takes any kind. */
export const anyCheck = (overrides: Partial<CheckDefinition> = {}): CheckDefinition =>
  ({ ...byKind.http, ...overrides }) as CheckDefinition
