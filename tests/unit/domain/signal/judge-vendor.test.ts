import { expect, test } from 'vitest'
import { judgeVendor, type VendorPage } from '../../../../src/domain/signal/judge-vendor.ts'

const component = (name: string, status = 'operational', isGroup = false) => ({
  name,
  status,
  isGroup,
})
const incident = (overrides: Partial<VendorPage['incidents'][number]> = {}) => ({
  name: 'Elevated errors',
  status: 'investigating',
  impact: 'major',
  touches: ['API'],
  ...overrides,
})
const page = (
  components: VendorPage['components'],
  incidents: VendorPage['incidents'] = [],
): VendorPage => ({ components, incidents })

test.each([
  { why: 'all is operational', page: page([component('API')]), says: 'fine' },
  {
    why: 'a component is slow',
    page: page([component('API', 'degraded_performance')]),
    says: 'minor',
  },
  { why: 'it is worked on', page: page([component('API', 'under_maintenance')]), says: 'minor' },
  { why: 'a word that we do not know', page: page([component('API', 'on_fire')]), says: 'minor' },
  { why: 'a part of it is down', page: page([component('API', 'partial_outage')]), says: 'major' },
  {
    why: 'the worst of several counts',
    page: page([component('A', 'degraded_performance'), component('B', 'major_outage')]),
    says: 'critical',
  },
  {
    why: 'what is down is not what we use',
    page: page([component('API'), component('Dashboard', 'major_outage')]),
    chosen: ['API'],
    says: 'fine',
  },
  {
    why: 'a group says what its members say',
    page: page([component('All', 'major_outage', true), component('API')]),
    says: 'fine',
  },
  {
    why: 'a group that was chosen',
    page: page([component('All', 'major_outage', true)]),
    chosen: ['All'],
    says: 'critical',
  },
  { why: 'an incident alone', page: page([component('API')], [incident()]), says: 'major' },
  {
    why: 'an incident that is over',
    page: page([component('API')], [incident({ status: 'resolved' })]),
    says: 'fine',
  },
  {
    why: 'an incident without an impact',
    page: page([component('API')], [incident({ impact: 'none' })]),
    says: 'minor',
  },
  {
    why: 'an incident that touches something else',
    page: page([component('API')], [incident({ touches: ['Dashboard'] })]),
    chosen: ['API'],
    says: 'fine',
  },
  {
    why: 'the page does not name what we use: unknown, never well',
    page: page([component('APl')]),
    chosen: ['API'],
    says: 'unknown',
  },
  {
    why: 'the page does not name one, and another is down',
    page: page([component('Checkout', 'major_outage')]),
    chosen: ['API', 'Checkout'],
    says: 'critical',
  },
])('$why: $says', ({ page: said, chosen, says }) => {
  const verdict = judgeVendor(said, chosen)
  expect(verdict.kind === 'troubled' ? verdict.impact : verdict.kind).toBe(says)
})

test('says what is wrong, since when and where to read of it', () => {
  const said = page(
    [component('API', 'partial_outage'), component('Hooks', 'degraded_performance')],
    [
      incident({ startedAt: 2_000, link: 'https://stspg.io/1' }),
      incident({ name: 'Slow hooks', status: 'monitoring', impact: 'minor', startedAt: 1_000 }),
    ],
  )
  expect(judgeVendor(said)).toEqual({
    kind: 'troubled',
    impact: 'major',
    subject: 'API: partial outage, Hooks: degraded performance, Elevated errors and 1 more',
    reason:
      'API: partial outage; Hooks: degraded performance; “Elevated errors” (investigating, impact major); “Slow hooks” (monitoring, impact minor)',
    link: 'https://stspg.io/1',
    since: 1_000,
  })
})
