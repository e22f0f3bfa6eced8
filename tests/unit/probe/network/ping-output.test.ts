import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePing, summarizeRoundTrips } from '../../../../src/probe/network/ping-output.ts'

const HEAD = 'PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.\n'
const answer = (sequence: number, more = ' time=0.042 ms') =>
  `64 bytes from 192.0.2.7: icmp_seq=${sequence} ttl=64${more}\n`
const nothing = {
  transmitted: undefined,
  received: 0,
  duplicates: 0,
  roundTripsMs: [],
  refusals: [],
}

const rows = [
  {
    why: 'every request was answered',
    output: `${HEAD}${answer(1)}${answer(2, ' time=12.3 ms')}${answer(3, ' time=1012 ms')}
--- 192.0.2.7 ping statistics ---
3 packets transmitted, 3 received, 0% packet loss, time 408ms
rtt min/avg/max/mdev = 0.042/0.061/0.094/0.023 ms
`,
    report: { transmitted: 3, received: 3, roundTripsMs: [0.042, 12.3, 1012] },
  },
  {
    why: 'answers came by IPv6, from an address with a zone',
    output: '64 bytes from fe80::1%eth0: icmp_seq=1 ttl=64 time=0.5 ms\n',
    report: { received: 1, roundTripsMs: [0.5] },
  },
  {
    why: 'a newer version names its identifier as well',
    output: '64 bytes from 192.0.2.7: icmp_seq=1 ident=17 ttl=64 time=0.5 ms\n',
    report: { received: 1, roundTripsMs: [0.5] },
  },
  {
    why: 'an answer came twice',
    output: `${answer(1)}${answer(1, ' time=0.9 ms (DUP!)')}${answer(1, ' time=1.9 ms')}`,
    report: { received: 1, duplicates: 2, roundTripsMs: [0.042] },
  },
  {
    why: 'answers are too short to tell their time',
    output: '8 bytes from 192.0.2.7: icmp_seq=1 ttl=64\n',
    report: { received: 1 },
  },
  {
    why: 'an answer is cut, or comes from elsewhere, and still is one',
    output: `${answer(1, ' time=0.4 ms (truncated)')}${answer(2, ' time=0.5 ms (DIFFERENT ADDRESS!)')}`,
    report: { received: 2, roundTripsMs: [0.4, 0.5] },
  },
  {
    why: 'an answer is damaged, and is none',
    output: answer(1, ' time=0.4 ms (BAD CHECKSUM!)'),
    report: {},
  },
  {
    why: 'others say that there is no way, each once',
    output: `${HEAD}From 10.0.0.1 icmp_seq=1 Destination Host Unreachable
From 10.0.0.1 icmp_seq=2 Destination Host Unreachable
From 10.0.0.9: icmp_seq=3 Time to live exceeded

--- 192.0.2.7 ping statistics ---
3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 403ms
`,
    report: {
      transmitted: 3,
      refusals: [
        'From 10.0.0.1: Destination Host Unreachable',
        'From 10.0.0.9: Time to live exceeded',
      ],
    },
  },
  {
    why: 'it was killed within a line, which may lack digits',
    output: `${answer(1)}64 bytes from 192.0.2.7: icmp_seq=2 ttl=64 time=0.0`,
    report: { received: 1, roundTripsMs: [0.042] },
  },
  { why: 'it printed nothing', output: '', report: {} },
  {
    why: 'it is the ping of another system',
    output: '64 bytes from 192.0.2.7: seq=0 ttl=64 time=0.042 ms\n',
    report: {},
  },
]

describe('what ping prints', () => {
  test.each(rows)('is read when $why', ({ output, report }) => {
    expect(parsePing(output)).toEqual({ ...nothing, ...report })
  })

  const line = fc.oneof(
    fc.string(),
    fc.nat(9).map((sequence) => answer(sequence).trimEnd()),
    fc.nat(9).map((sequence) => `From 10.0.0.1 icmp_seq=${sequence} ${'x'.repeat(500)}`),
    fc.nat().map((count) => `${count} packets transmitted, 1 received`),
  )

  test('is read whatever it is, and what comes of it is bounded', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 50 }), fc.nat(2_000), (lines, cut) => {
        const report = parsePing(lines.join('\n').slice(0, cut))
        expect(report.received).toBeLessThanOrEqual(lines.length)
        expect(report.roundTripsMs.length).toBeLessThanOrEqual(report.received)
        expect(report.roundTripsMs.every((ms) => Number.isFinite(ms) && ms >= 0)).toBe(true)
        expect(report.refusals.length).toBeLessThanOrEqual(10)
        for (const refusal of report.refusals) expect(refusal.length).toBeLessThanOrEqual(200)
      }),
    )
  })

  test('finds more answers, never fewer, the more of it there is', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), fc.nat(1_000), (lines, cut) => {
        const output = `${lines.join('\n')}\n`
        expect(parsePing(output.slice(0, cut)).received).toBeLessThanOrEqual(
          parsePing(output).received,
        )
      }),
    )
  })
})

describe('round trips', () => {
  test('are summarized', () => {
    expect(summarizeRoundTrips([])).toBeUndefined()
    expect(summarizeRoundTrips([5])).toEqual({ minMs: 5, avgMs: 5, maxMs: 5, stddevMs: 0 })
    expect(summarizeRoundTrips([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({
      minMs: 2,
      avgMs: 5,
      maxMs: 9,
      stddevMs: 2,
    })
  })
})
