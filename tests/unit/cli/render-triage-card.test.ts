import { expect, test } from 'vitest'
import { renderTriageCard } from '../../../src/cli/render-triage-card.ts'
import type { TriageCard } from '../../../src/protocol/triage-card.ts'

const NOW = 1_773_414_000_000

const card: TriageCard = {
  howBad: { severity: 'SEV-1', sentence: 'Nobody can pay.', since: NOW, timeInSeverity: [] },
  affected: {
    ...{ scope: 'global', services: [{ serviceId: 'orders', name: 'Orders' }], checks: [] },
    ...{ more: 0, checksFailing: 0, checksWatching: 2, regions: [] },
  },
  needed: { owners: [] },
  corroboration: { seen: [], notSeen: [] },
  similar: [],
}
const rendered = (more: Partial<TriageCard> = {}) =>
  renderTriageCard({ ...card, ...more }, { now: NOW, paint: (_, text) => text }).join('\n')

test('what the signals point to stands right after how bad it is, and nowhere when it is nothing', () => {
  const words = 'Nothing connects from eu-west and us-east.'
  const pointsTo: TriageCard['pointsTo'] = [
    { kind: 'inbound_blocked', question: 'Inbound blocked?', words },
  ]
  expect(rendered({ pointsTo }).replaceAll(/\s+/g, ' ')).toMatch(
    /^How bad .* What it points to Inbound blocked\? Nothing connects from eu-west and us-east\. What is affected /,
  )
  expect(rendered()).not.toContain('What it points to')
})

test('what was lost is told of each service by its name, and of one alone without', () => {
  const lost = (name: string) => ({ serviceId: name, name, words: 'about EUR 8,050: 23 min' })
  const of = (...names: string[]) =>
    rendered({ affected: { ...card.affected, revenue: names.map(lost) } })
  expect(of('Shop')).toContain('revenue       about EUR 8,050: 23 min')
  expect(of('Shop', 'Pay')).toContain('revenue       Pay: about EUR 8,050: 23 min')
  expect(of()).not.toContain('revenue')
})

test('a table by zone is told, the worst first, and what alone is bad stands where it is said where', () => {
  const segment = 'zone b only: 38 % (380 of 1,000), the other at most 0.1 %'
  const tables: TriageCard['affected']['tables'] = [
    {
      ...{ queryId: 'q', name: 'Orders that fail', at: NOW, segment },
      table: {
        ...{ by: 'zone', isShare: true, more: 2, bad: 1, silent: 1 },
        rows: [
          { label: 'b', number: 0.38, part: 380, whole: 1_000, isBad: true },
          { label: 'eu-1', number: 0.001, isBad: false },
        ],
      },
    },
  ]
  const text = rendered({ affected: { ...card.affected, tables } }).replaceAll(/ +/g, ' ')
  expect(text).toMatch(/where everywhere: no region told\n zone b only: 38 % \(380 of 1,000\)/)
  for (const line of [
    'by zone Orders that fail (2026-03-13T',
    '✗ b 38 % 380 of 1,000',
    '✓ eu-1 0.1 %',
    'and 2 more, none of them worse',
    '1 with too little to say anything',
  ])
    expect(text).toContain(line)
})

test('where to look at the services is told, and no sign of theirs moves the cursor', () => {
  const links = [{ name: 'Orders\u001b[2J', url: 'https://grafana.example.com/d/orders' }]
  const text = rendered({ needed: { ...card.needed, links } })
  expect(text).toContain('https://grafana.example.com/d/orders')
  expect(text).not.toContain('\u001b')
})
