import { describe, expect, test } from 'vitest'
import { clip, createFindingsRecorder } from '../../../../src/probe/checks/record-findings.ts'
import { Run } from '../../../../src/protocol/run.ts'
import { aRun } from '../../../support/builders.ts'

const step = { name: 'open', status: 'passed', startMs: 0, ms: 1 } as const

test('the same phase twice adds up, and is a subject', () => {
  const { findings, recorded } = createFindingsRecorder()
  findings.phase('dns', 2)
  findings.phase('connect', 1)
  findings.phase('dns', 3)
  expect(recorded.phases).toEqual([
    { name: 'dns', ms: 5 },
    { name: 'connect', ms: 1 },
  ])
  expect(recorded.observed.get('dns')).toBe(5)
})

test('however much a check writes down, the run keeps to its limits', () => {
  const { findings, recorded } = createFindingsRecorder()
  const long = '🔆\u0000'.repeat(50_000)
  for (let i = 0; i < 1_000; i++) {
    findings.fact(`${i}${long}`, long)
    findings.fact(`list ${i}`, Array(1_000).fill(long))
    findings.log(long)
    findings.step({ ...step, name: long, error: long, url: long })
    findings.artifact({ name: 'a.png', mediaType: 'image/png', bytes: 1, path: '/tmp/a.png' })
    findings.phase('dns', -1)
  }
  findings.duration(-5)
  const { facts, log, steps, phases, artifacts, durationMs = 0 } = recorded
  expect(() => Run.parse(aRun({ facts, log, steps, phases, artifacts, durationMs }))).not.toThrow()
  expect(JSON.stringify(recorded.facts).length).toBeLessThan(5_000_000)
})

describe('facts', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY])('%d is no fact', (value) => {
    const { findings, recorded } = createFindingsRecorder()
    findings.fact('ttl', value)
    expect(recorded.facts).toEqual({})
  })
})

describe('text', () => {
  test.each([
    { why: 'short enough stays', text: 'lamp', max: 4, clipped: 'lamp' },
    { why: 'too long is cut', text: 'lamps', max: 4, clipped: 'lam…' },
    {
      why: 'control characters go',
      text: 'a\u0000b\u001bc\nd\te',
      max: 20,
      clipped: 'a�b�c\nd\te',
    },
    { why: 'half a character goes', text: 'ab🔆cd', max: 4, clipped: 'ab�…' },
  ])('$why', ({ text, max, clipped }) => {
    expect(clip(text, max)).toBe(clipped)
  })
})
