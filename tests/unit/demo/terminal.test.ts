import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createLiveScreen } from '../../../src/demo/terminal.ts'

function aTerminal(size: { rows: number; columns: number }) {
  let written = ''
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    written += chunk
    done()
  }
  const stream = Object.assign(new Writable({ write }), { isTTY: true, ...size })
  return {
    screen: createLiveScreen(stream as unknown as NodeJS.WriteStream),
    shown: () => written,
  }
}

test('what does not fit is cut off, so that drawing again hits the same lines', () => {
  const { screen, shown } = aTerminal({ rows: 3, columns: 10 })
  screen.show(['a line that is too long', 'two', 'three', 'four'])
  expect(shown()).toContain('a line t…\ntwo\n')
})

test('a terminal that does not know its size shows as much as one of 24 lines', () => {
  const { screen, shown } = aTerminal({ rows: 0, columns: 0 })
  const line = 'Dashboard  http://127.0.0.1:8080'
  screen.show(Array.from({ length: 20 }, () => line))
  expect(shown().split(line)).toHaveLength(21)
})
