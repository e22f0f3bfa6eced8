import { expect, test } from 'vitest'
import { type WatchOptions, watchedRun } from '../../../src/cli/watched-run.ts'
import { aCheck } from '../../support/builders.ts'

const journey = aCheck('journey', { timeoutMs: 8_000, retry: { on: 'any', times: 2 } })
const desk = { environment: { DISPLAY: ':0' }, platform: 'linux' } as const
const server = { environment: {}, platform: 'linux' } as const

const watch = (options: Partial<WatchOptions>, machine = desk, check = journey) =>
  watchedRun(check, { repeat: 1, ...options }, machine)

test('unwatched, a check stays as it is, of whatever kind', () => {
  const check = aCheck('http', {})
  expect(watchedRun(check, { repeat: 3 }, server)).toEqual({ check, browser: {}, notes: [] })
})

test.each([
  {
    why: 'a window alone changes nothing of the check',
    options: { headed: true },
    browser: { isHeaded: true, isDebugged: false },
    timeoutMs: 8_000,
  },
  {
    why: 'slowed down, the time limit is longer',
    options: { slowMo: 250 },
    browser: { isHeaded: false, slowMoMs: 250 },
    timeoutMs: 80_000,
  },
  {
    why: 'the inspector has a window, and no time limit that anybody reaches',
    options: { debug: true },
    browser: { isHeaded: true, isDebugged: true },
    timeoutMs: 86_400_000,
  },
  {
    why: 'what is recorded is that very run, with the time limit that it has',
    options: { trace: true, video: true },
    browser: { isHeaded: false, recorded: ['trace.zip', 'video.webm'] },
    timeoutMs: 8_000,
  },
] as const)('$why', ({ options, browser, timeoutMs }) => {
  const watched = watch(options)
  expect(watched.browser).toMatchObject(browser)
  expect(watched.check.timeoutMs).toBe(timeoutMs)
})

test('what is gone through by hand is not repeated by itself', () => {
  expect(watch({ debug: true }).check).not.toHaveProperty('retry')
  expect(watch({ slowMo: 100 }).check).toHaveProperty('retry')
})

test('whoever watches is told what that changes', () => {
  expect(watch({ slowMo: 250 }).notes.join()).toContain('each action waits 250 ms first')
  expect(watch({ debug: true }).notes.join()).toContain('No time limit holds; Ctrl-C ends the run')
  expect(watch({ trace: true }).notes.join()).toContain('times are slower than measured ones')
  expect(watch({ headed: true }).notes).toEqual([])
})

test.each([
  { why: 'no display for a window', options: { headed: true }, says: '--headed shows a window' },
  { why: 'no display for the inspector', options: { debug: true }, says: 'neither DISPLAY nor' },
] as const)('$why: refused with what to do', ({ options, says }) => {
  expect(() => watchedRun(journey, { repeat: 1, ...options }, server)).toThrow(says)
  expect(() => watchedRun(journey, { repeat: 1, ...options }, server)).toThrow('xvfb-run')
})

test.each([
  { why: 'Wayland', environment: { WAYLAND_DISPLAY: 'wayland-0' }, platform: 'linux' },
  { why: 'a system that always has one', environment: {}, platform: 'darwin' },
] as const)('a display by $why will do', (machine) => {
  expect(watchedRun(journey, { repeat: 1, headed: true }, machine).browser.isHeaded).toBe(true)
})

test('no display is needed for what has no window', () => {
  expect(watchedRun(journey, { repeat: 1, slowMo: 10 }, server).browser.isHeaded).toBe(false)
})

test('a check without a browser, and debugging again and again, are refused', () => {
  expect(() => watch({ slowMo: 5 }, desk, aCheck('http', { id: 'home' }) as never)).toThrow(
    '--slow-mo: home is of the kind http, which has no browser',
  )
  expect(() => watch({ debug: true, repeat: 2 })).toThrow('leave out --repeat')
})
