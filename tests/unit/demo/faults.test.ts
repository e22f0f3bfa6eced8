import { expect, test } from 'vitest'
import { createFaultBoard, FAULTS, type FaultTargets } from '../../../src/demo/faults.ts'
import { at } from '../../support/builders.ts'

/** A board over targets that only remember; the clock moves by hand. */
function aBoard() {
  const cut = { 'eu-west': false, 'us-east': false }
  const https = { isExpired: false }
  const targets: FaultTargets = {
    pages: {
      areOrdersDown: false,
      isSearchEmpty: false,
      isCartSlow: false,
      isCheckoutBroken: false,
    },
    zone: { isGone: false },
    jobs: { isExportStopped: false },
    https: {
      presentExpired(isExpired) {
        https.isExpired = isExpired
      },
    },
    gateways: new Map(
      (['eu-west', 'us-east'] as const).map((regionId) => [
        regionId,
        {
          setCut(isCut: boolean) {
            cut[regionId] = isCut
          },
        },
      ]),
    ),
  }
  const clock = { time: at('2026-03-13T14:46:00Z'), now: () => clock.time, monotonic: () => 0 }
  const board = createFaultBoard(targets, clock)
  const state = () => ({ ...targets.pages, ...targets.zone, ...targets.jobs, ...https, ...cut })
  return { board, clock, state }
}

test.each(Object.entries(FAULTS))('%s changes one thing, and fixing undoes it', (name, fault) => {
  const { board, state } = aBoard()
  const well = state()

  board.set(name, { isOn: true, regionId: fault.takesRegion ? 'us-east' : undefined })

  const changed = Object.entries(state()).filter(([, isOn]) => isOn)
  expect(changed).toHaveLength(1)
  board.fix()
  expect(state()).toEqual(well)
  expect(board.active()).toEqual([])
})

test('a fault is on since the first time, whoever switches it on again', () => {
  const { board, clock } = aBoard()
  const since = clock.now()

  board.set('cart-slow', { isOn: true })
  clock.time += 60_000
  board.set('cart-slow', { isOn: true })

  expect(board.active()).toEqual([{ name: 'cart-slow', regionId: undefined, since }])
})

test('regions are cut and mended one by one', () => {
  const { board, state } = aBoard()

  board.set('region-cut', { isOn: true, regionId: 'eu-west' })
  board.set('region-cut', { isOn: true, regionId: 'us-east' })
  board.set('region-cut', { isOn: false, regionId: 'eu-west' })

  expect(state()).toMatchObject({ 'eu-west': false, 'us-east': true })
  expect(board.active()).toMatchObject([{ name: 'region-cut', regionId: 'us-east' }])
})

test.each([
  { name: 'orders-dwon', regionId: undefined, says: 'did you mean orders-down?' },
  { name: 'constructor', regionId: undefined, says: 'there are orders-down, ' },
  { name: 'region-cut', regionId: undefined, says: 'needs a region: eu-west, us-east' },
  { name: 'region-cut', regionId: 'mars', says: 'there are eu-west, us-east' },
  { name: 'orders-down', regionId: 'eu-west', says: 'takes no region' },
])('refuses $name in $regionId: $says', ({ name, regionId, says }) => {
  const { board, state } = aBoard()
  const well = state()

  expect(() => board.set(name, { isOn: true, regionId })).toThrow(says)
  expect(state()).toEqual(well)
})
