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

test('where to look at the services is told, and no sign of theirs moves the cursor', () => {
  const links = [{ name: 'Orders\u001b[2J', url: 'https://grafana.example.com/d/orders' }]
  const text = rendered({ needed: { ...card.needed, links } })
  expect(text).toContain('https://grafana.example.com/d/orders')
  expect(text).not.toContain('\u001b')
})
