import { expect, test } from 'vitest'
import {
  backlogSeverity,
  incidentsSentence,
  type ListShown,
  listShown,
} from '../../../../src/dashboard/words/incident-lists.ts'

const DAY = 86_400_000
const NOW = 100 * DAY
const days = (...ages: number[]) => ages.map((age) => ({ openedAt: NOW - age * DAY }))
const page = (...ages: number[]) => ({ data: days(...ages), nextCursor: null })

type Row = {
  page: Parameters<typeof incidentsSentence>[0]
  shown: ListShown
  of?: Parameters<typeof incidentsSentence>[3]
  says: string
}

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
    says: 'The first 1 incident on record, newest first.',
  },
  {
    ...{ page: { ...page(2, 3), nextCursor: 'x' }, shown: 'backlog' },
    says: 'The oldest 2 incidents of SEV-4 open, the first for 3 d.',
  },
  {
    ...{ page: page(2, 3), shown: 'backlog', of: { severity: 'SEV-3', isFirst: false } },
    says: 'The next 2 incidents of SEV-3 open, the first for 3 d.',
  },
  {
    page: page(),
    shown: 'backlog',
    of: { severity: 'SEV-3' },
    says: 'No incident of SEV-3 is open.',
  },
])('$shown: $says', ({ page: shownPage, shown, of, says }) => {
  expect(incidentsSentence(shownPage, shown, NOW, of)).toBe(says)
})

test('what an address asks for that there is not is the usual list', () => {
  expect(['all', 'backlog', 'x', null].map(listShown)).toEqual(['all', 'backlog', 'open', 'open'])
  expect(['SEV-3', 'SEV-1', null].map(backlogSeverity)).toEqual(['SEV-3', 'SEV-4', 'SEV-4'])
})
