import { expect, test } from 'vitest'
import { judgeSilence } from '../../../../src/domain/alerting/judge-silence.ts'
import { NOW } from './votes.ts'

const ago = (seconds: number) => NOW - seconds * 1_000

test.each([
  { heard: ago(1), since: ago(900), gives: 'ok', why: 'heard a second ago' },
  { heard: ago(60), since: ago(900), gives: 'ok', why: 'just within what is allowed' },
  { heard: ago(61), since: ago(900), gives: 'silent', why: 'longer than is allowed' },
  { heard: undefined, since: ago(900), gives: 'silent', why: 'listened long, never heard' },
  { heard: undefined, since: ago(10), gives: 'waiting', why: 'the coordinator has just started' },
  { heard: undefined, since: ago(60), gives: 'waiting', why: 'it has listened just long enough' },
  { heard: undefined, since: ago(61), gives: 'silent', why: 'it has listened for longer' },
  { heard: ago(7_200), since: ago(10), gives: 'waiting', why: 'heard before a long stop of ours' },
  { heard: ago(5), since: ago(1), gives: 'ok', why: 'heard just before a restart' },
  { heard: ago(-300), since: ago(900), gives: 'ok', why: 'our clock was set back' },
  {
    heard: ago(90),
    since: ago(-300),
    gives: 'waiting',
    why: 'our clock was set back at the start',
  },
])('$gives: $why', ({ heard, since, gives }) => {
  const judgement = judgeSilence({
    lastHeardAt: heard,
    listeningSince: since,
    silentAfterMs: 60_000,
    now: NOW,
  })
  expect(judgement.state).toBe(gives)
})

test.each([
  { heard: ago(90), since: ago(900), reason: 'not heard for 1 min 30 s; 1 min are allowed' },
  {
    heard: undefined,
    since: ago(900),
    reason: 'never heard, although the coordinator listens for 15 min',
  },
  {
    heard: undefined,
    since: ago(10),
    reason: 'not heard yet; the coordinator itself listens for only 10 s',
  },
  { heard: ago(2), since: ago(900), reason: 'heard 2.0 s ago' },
  { heard: ago(-300), since: ago(900), reason: 'heard 0 ms ago' },
])('says why: $reason', ({ heard, since, reason }) => {
  const judgement = judgeSilence({
    lastHeardAt: heard,
    listeningSince: since,
    silentAfterMs: 60_000,
    now: NOW,
  })
  expect(judgement.reason).toBe(reason)
})
