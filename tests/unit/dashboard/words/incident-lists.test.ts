import { expect, test } from 'vitest'
import {
  incidentsSentence,
  type ListShown,
  listShown,
  ordered,
} from '../../../../src/dashboard/words/incident-lists.ts'

const DAY = 86_400_000
const NOW = 100 * DAY
const days = (...ages: number[]) => ages.map((age) => ({ openedAt: NOW - age * DAY }))
const page = (...ages: number[]) => ({ data: days(...ages), nextCursor: null })

type Row = { page: Parameters<typeof incidentsSentence>[0]; shown: ListShown; says: string }

test.each<Row>([
  { page: page(), shown: 'open', says: 'No incident is open.' },
  { page: page(1, 2), shown: 'open', says: '2 incidents open.' },
  { page: page(), shown: 'all', says: 'No incident on record.' },
  { page: page(1), shown: 'all', says: '1 incident on record, newest first.' },
  { page: page(), shown: 'backlog', says: 'No incident of SEV-4 is open.' },
  {
    ...{ page: page(2, 9, 30), shown: 'backlog' },
    says: '3 incidents of SEV-4 open, oldest first: half for 9 d or longer, one for 30 d.',
  },
  {
    ...{ page: { ...page(1), nextCursor: 'x' }, shown: 'all' },
    says: 'The first 1 incidents on record, newest first.',
  },
  {
    ...{ page: { ...page(2, 3), nextCursor: 'x' }, shown: 'backlog' },
    says: 'The newest 2 incidents of SEV-4 open, oldest first: half for 2 d or longer, one for 3 d.',
  },
])('$shown: $says', ({ page: of, shown, says }) => {
  expect(incidentsSentence(of, shown, NOW)).toBe(says)
})

test('of the backlog what has lain for longest comes first', () => {
  expect(ordered(days(2, 9, 30), 'backlog')).toEqual(days(30, 9, 2))
  expect(ordered(days(2, 9, 30), 'open')).toEqual(days(2, 9, 30))
  expect(['all', 'backlog', 'x', null].map(listShown)).toEqual(['all', 'backlog', 'open', 'open'])
})
