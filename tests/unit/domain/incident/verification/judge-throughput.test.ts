import { expect, test } from 'vitest'
import {
  judgeThroughput,
  type ServiceThroughput,
} from '../../../../../src/domain/incident/verification/judge-throughput.ts'
import type { Reading } from '../../../../../src/domain/signal/judge-reading.ts'

const numbers = (...values: number[]): Reading[] =>
  values.map((value) => ({ kind: 'number', value }))
const lost: Reading = { kind: 'unknown', reason: 'it answered 503' }
const none: Reading = { kind: 'no_data', reason: 'the result is empty' }
const more = (value: number): Reading => ({ kind: 'number', value, atLeast: true })

const orders = (of: Partial<ServiceThroughput> = {}): ServiceThroughput => ({
  serviceId: 'orders',
  name: 'Orders',
  shareMin: 0.8,
  isRequired: false,
  readings: numbers(96, 104, 100),
  lastWeek: numbers(110, 100, 90),
  ...of,
})

test.each<{ why: string; services: ServiceThroughput[]; state: string; reason: string }>([
  {
    why: 'nobody declares one',
    services: [],
    state: 'not_needed',
    reason: 'the service declares none',
  },
  {
    why: 'as much as last week',
    services: [orders()],
    state: 'met',
    reason: 'Orders is 100, 100 % of the 100 of this hour last week',
  },
  {
    why: 'exactly the share that is asked for',
    services: [orders({ readings: numbers(80, 80, 80) })],
    state: 'met',
    reason: 'Orders is 80, 80 % of the 100 of this hour last week',
  },
  {
    why: 'customers have not come back',
    services: [orders({ readings: numbers(79, 79, 79) })],
    state: 'broken',
    reason: 'Orders is 79, 79 % of the 100 of this hour last week; at least 80 % is asked for',
  },
  {
    why: 'nothing arrives at all, which is a number',
    services: [orders({ readings: numbers(0, 0, 0) })],
    state: 'broken',
    reason: 'Orders is 0, 0 % of the 100 of this hour last week; at least 80 % is asked for',
  },
  {
    why: 'a quiet minute among busy ones',
    services: [orders({ readings: numbers(100, 5, 100, 5, 100) })],
    state: 'met',
    reason: 'Orders is 100, 100 % of the 100 of this hour last week',
  },
  {
    why: 'what it did a while ago says nothing of now',
    services: [orders({ readings: numbers(100, 100, 100, 100, 5, 5, 5) })],
    state: 'broken',
    reason: 'Orders is 5, 5 % of the 100 of this hour last week; at least 80 % is asked for',
  },
  {
    why: 'a share of its own',
    services: [orders({ shareMin: 0.5, readings: numbers(60, 60, 60) })],
    state: 'met',
    reason: 'Orders is 60, 60 % of the 100 of this hour last week',
  },
  {
    why: 'two readings are no trend',
    services: [orders({ readings: numbers(5, 5) })],
    state: 'unknown',
    reason: 'Orders: 2 of 3 readings since it is clean',
  },
  {
    why: 'nobody answers any more',
    services: [orders({ readings: [...numbers(100, 100), lost] })],
    state: 'unknown',
    reason: 'Orders: 2 of 3 readings since it is clean: it answered 503',
  },
  {
    why: 'required, not known holds the door',
    services: [orders({ isRequired: true, readings: [none, none, none] })],
    state: 'waiting',
    reason: 'Orders: 0 of 3 readings since it is clean: the result is empty',
  },
  {
    why: 'last week was not asked yet',
    services: [orders({ lastWeek: [] })],
    state: 'unknown',
    reason: 'Orders: the same hour of last week is not known',
  },
  {
    why: 'last week is too long ago for the other system',
    services: [orders({ isRequired: true, lastWeek: [none, none, none] })],
    state: 'waiting',
    reason: 'Orders: the same hour of last week is not known: the result is empty',
  },
  {
    why: 'one strange minute of last week',
    services: [orders({ lastWeek: numbers(100, 0, 100) })],
    state: 'met',
    reason: 'Orders is 100, 100 % of the 100 of this hour last week',
  },
  {
    why: 'at night there is nothing to compare with',
    services: [orders({ lastWeek: numbers(0, 0, 0) })],
    state: 'unknown',
    reason: 'Orders: there was none at this hour of last week',
  },
  {
    why: 'of what counting stopped at for last week there is no share',
    services: [orders({ lastWeek: [more(100)] })],
    state: 'unknown',
    reason: 'Orders: last week it was more than was counted',
  },
  {
    why: 'what counting stopped at is enough',
    services: [orders({ readings: [more(100), more(100), more(100)] })],
    state: 'met',
    reason: 'Orders is 100, 100 % of the 100 of this hour last week',
  },
  {
    why: 'what counting stopped at may be enough',
    services: [orders({ readings: [more(10), more(10), more(10)] })],
    state: 'unknown',
    reason: 'Orders: it is more than was counted',
  },
  {
    why: 'of several services what is broken is told before what is not known',
    services: [orders({ name: 'Searches', lastWeek: [] }), orders({ readings: numbers(5, 5, 5) })],
    state: 'broken',
    reason: 'Orders is 5, 5 % of the 100 of this hour last week; at least 80 % is asked for',
  },
])('$why: $state', ({ services, state, reason }) => {
  expect(judgeThroughput(services)).toEqual({ name: 'throughput', state, reason })
})
