import { expect, test } from 'vitest'
import { renderLeading } from '../../../src/cli/render-leading.ts'
import { leadingView } from '../../../src/domain/incident/leading/leading-view.ts'
import { anIncident, NOW } from '../domain/incident/reports.ts'

test('a terminal says which stakeholders know of an incident, and which would', () => {
  const incident = anIncident()
  const fleet = { checks: [] }
  const whoHas = () => ({ now: 'ada', canPage: true })
  const leading = leadingView(incident, [], { fleet, failing: undefined, now: NOW, whoHas })
  const options = { now: NOW, paint: (_: string, text: string) => text }
  const without = renderLeading(incident, leading, options).join('\n')
  expect(without).not.toContain('Stakeholders')
  const audience = [
    { id: 'support', name: 'Customer support', severity: 'SEV-2' as const, isTold: true },
    { id: 'leadership', name: 'Leadership', severity: 'SEV-1' as const, isTold: false },
  ]
  const lines = renderLeading(incident, { ...leading, audience }, options)
  expect(lines.map((line) => line.trim())).toContain(
    'Stakeholders: Customer support (told), Leadership (hears of SEV-1)',
  )
})
