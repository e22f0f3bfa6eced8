import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  begunLine,
  doneLine,
  openLine,
  parseLine,
  runLine,
  slotsLine,
} from '../../../../src/probe/spool/journal-line.ts'
import { aRun } from '../../../support/builders.ts'

/** A line as the reader sees it: without its line feeds. */
const inner = (line: Buffer) => line.subarray(1, -1)

const run = aRun({ log: ['a line feed \n in a text, “quotes” and 灯'] })
const begun = {
  runId: run.runId,
  checkId: run.checkId,
  slotAt: run.slotAt,
  startedAt: run.startedAt,
  definitionHash: run.definitionHash,
}

test.each([
  { why: 'a run that began', line: begunLine(begun), record: { type: 'begun', begun } },
  {
    why: 'a run',
    line: runLine(JSON.stringify(run)),
    record: {
      type: 'run',
      run: { runId: run.runId, checkId: run.checkId, slotAt: run.slotAt, artifacts: [] },
    },
  },
  {
    why: 'what the coordinator has',
    line: doneLine([run.runId]),
    record: { type: 'done', runIds: [run.runId] },
  },
  {
    why: 'the latest slots',
    line: slotsLine(new Map([['shop-home', 5]])),
    record: { type: 'slots', slots: { 'shop-home': 5 } },
  },
])('a line says again what was written: $why', ({ line, record }) => {
  expect(parseLine(inner(line))).toEqual(record)
})

test('the whole run is in its line, letter for letter', () => {
  expect(JSON.parse(openLine(inner(runLine(JSON.stringify(run))))?.json ?? '')).toEqual(run)
})

test('a line in which any one byte is different is refused', () => {
  const line = inner(runLine(JSON.stringify(run)))
  fc.assert(
    fc.property(
      fc.nat({ max: line.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (index, difference) => {
        const damaged = Buffer.from(line)
        damaged[index] = (damaged[index] ?? 0) ^ difference
        expect(parseLine(damaged)).toBeUndefined()
      },
    ),
    { numRuns: 2_000 },
  )
})

test('a line that was cut off anywhere is refused', () => {
  const line = inner(runLine(JSON.stringify(run)))
  for (let length = 0; length < line.length; length++)
    expect(parseLine(line.subarray(0, length)), `${length} bytes`).toBeUndefined()
})

test('any bytes at all are refused without complaint', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(parseLine(Buffer.from(bytes))).toBeUndefined()
    }),
  )
})
