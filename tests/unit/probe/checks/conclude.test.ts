import { readFile, rm } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { CheckError, type Findings } from '../../../../src/probe/checks/check-runner.ts'
import { ExchangeFile } from '../../../../src/protocol/exchange.ts'
import { type Expectation, resolveExpectations } from '../../../../src/protocol/expectation.ts'
import { aCheck } from '../../../support/builders.ts'
import { runOnce } from '../../../support/check-context.ts'
import { until } from '../../../support/until.ts'

/** A run that writes down what a test says, of a kind whose times nobody else takes. */
function run(write: (findings: Findings) => void, expectations: Expectation[] = []) {
  return runOnce(aCheck('journey', { expectations }), {
    secret: (name) => (name === 'SHOP_TOKEN' ? 'tok-12345' : undefined),
    journeyHosts: {
      run: async (_check, { findings, secret }) => {
        secret('SHOP_TOKEN')
        write(findings)
      },
    },
  })
}

const must = (written: Record<string, unknown>, part?: string) =>
  resolveExpectations('must', written, part)

test('an expectation of a part looks at that part, and nowhere else', async () => {
  const outcome = await run(
    (findings) => {
      findings.part('sign in').subject('status', 201)
      findings.part('list').subject('status', 500)
    },
    [...must({ status: 201 }, 'sign in'), ...must({ status: 200 }, 'list')],
  )
  expect(outcome.assertions).toMatchObject([
    { part: 'sign in', held: true },
    { part: 'list', held: false, actual: '500' },
  ])
  expect(outcome.error?.message).toBe('list: status: expected 200, got 500')
})

test('a part that never came holds nothing', async () => {
  const outcome = await run(
    (findings) => findings.subject('status', 200),
    must({ status: 200 }, 'list'),
  )
  expect(outcome.assertions).toMatchObject([{ part: 'list', held: false, actual: '–' }])
})

test('phases of parts are theirs, and add up for the run', async () => {
  const outcome = await run(
    (findings) => {
      findings.part('one').phase('connect', 2)
      findings.part('two').phase('connect', 3)
    },
    [...must({ connect: { max: '2ms' } }, 'one'), ...must({ connect: { max: '2ms' } }, 'two')],
  )
  expect(outcome.phases).toEqual([{ name: 'connect', ms: 5 }])
  expect(outcome.assertions.map(({ held }) => held)).toEqual([true, false])
})

test('what is looked up is looked up only when somebody asks, each key once', async () => {
  const asked: string[] = []
  const outcome = await run(
    (findings) =>
      findings.lookup('json', (key) => {
        asked.push(key)
        return key === '$.a' ? [1, 2] : undefined
      }),
    must({ json: { '$.a': { all: { min: 1 } }, '$.b': { absent: true } } }),
  )
  expect(asked).toEqual(['$.a', '$.b'])
  expect(outcome.verdict).toBe('passed')
})

test.each([
  {
    why: 'throws',
    actual: 'no JSON',
    find: () => {
      throw new Error('no JSON')
    },
  },
  {
    why: 'never ends',
    actual: 'nothing within 100 ms, when the search was ended',
    find: () => {
      for (;;);
    },
  },
])(
  'a look-up that $why observes nothing, and costs the run nothing else',
  async ({ find, actual }) => {
    // On a busy machine it may get too little of a processor to be called endless, and says so.
    const outcome = await until('the look-up gets a processor', async () => {
      const outcome = await run(
        (findings) => findings.lookup('json', find),
        must({ json: { '$.a': 1 } }),
      )
      return outcome.error?.type !== 'probe.overload' && outcome
    })
    expect(outcome.verdict).toBe('failed')
    expect(outcome.assertions).toMatchObject([{ subject: 'json $.a', actual, held: false }])
  },
)

test('secrets are nowhere in the run: declared ones, and those that a server gave', async () => {
  const outcome = await run(
    (findings) => {
      findings.secret('access token', 'acc/789 xyz')
      findings.fact('note', 'sent tok-12345')
      findings.log('got acc%2F789%20xyz')
      findings.subject('title', 'welcome tok-12345')
      findings.step({ name: 'a', status: 'failed', startMs: 0, ms: 1, error: 'tok-12345 refused' })
      throw new CheckError('assertion', 'the token tok-12345 was refused')
    },
    must({ title: 'x' }),
  )

  const told = JSON.stringify(outcome)
  // Not the digits alone: they may stand in a duration.
  expect(told).not.toMatch(/tok-12345|acc\S*789/)
  expect(outcome.error?.message).toBe('the token [secret SHOP_TOKEN] was refused')
})

test('of a name that had several values, each is a secret', async () => {
  const outcome = await run((findings) => {
    findings.secret('captured token', 'first-789')
    findings.secret('captured token', 'second-789')
    findings.log('got first-789, then second-789')
  })
  expect(outcome.log).toEqual(['got [secret captured token], then [secret captured token]'])
})

const EXCHANGE = {
  request: { method: 'GET', url: 'http://shop.test/', headers: [] },
  response: {
    status: 502,
    httpVersion: '1.1',
    headers: [['x-echo', 'tok-12345'] as [string, string]],
    body: { text: 'Bad gateway', bytes: 11, isTruncated: false },
  },
}

test('the exchanges of a run that does not pass are kept, the last five, with secrets masked', async () => {
  const outcome = await run(
    (findings) => {
      for (let i = 0; i < 7; i++) findings.evidence(() => ({ ...EXCHANGE, part: `request ${i}` }))
    },
    must({ status: 200 }),
  )
  const [artifact] = outcome.artifacts
  onTestFinished(() => rm(artifact?.path ?? '', { force: true }))
  expect(artifact).toMatchObject({ name: 'exchange.json', mediaType: 'application/json' })
  const text = await readFile(artifact?.path ?? '', 'utf8')
  expect(artifact?.bytes).toBe(Buffer.byteLength(text))
  expect(text).not.toContain('tok-12345')
  const { exchanges } = ExchangeFile.parse(JSON.parse(text))
  expect(exchanges.map(({ part }) => part)).toEqual([2, 3, 4, 5, 6].map((i) => `request ${i}`))
})

test('those of a run that passes are not even made', async () => {
  let made = 0
  const outcome = await run((findings) =>
    findings.evidence(() => {
      made++
      return EXCHANGE
    }),
  )
  expect(outcome).toMatchObject({ verdict: 'passed', artifacts: [] })
  expect(made).toBe(0)
})

test('what cannot be concluded is one fault of the probe, and ends nothing else', async () => {
  const outcome = await run(
    (findings) =>
      findings.evidence(() => {
        throw new Error('no such thing')
      }),
    must({ status: 200 }),
  )
  expect(outcome).toMatchObject({
    verdict: 'probe_fault',
    error: { type: 'probe.internal', message: expect.stringContaining('no such thing') },
  })
})
