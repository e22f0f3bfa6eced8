import { expect, test } from 'vitest'
import { neededSecrets } from '../../../../src/domain/paging/needed-secrets.ts'
import type { Channel, Fleet } from '../../../../src/protocol/config.ts'
import { anOnCall, aPhone } from '../../../support/on-call.ts'

const mail = { id: 'mail', kind: 'email', address: 'a@example.com' } as const
const people = anOnCall({ first: [mail, aPhone('first', 'https://ntfy.sh')], second: [mail] })
const pager: Channel = { id: 'pager', kind: 'pagerduty', routingKey: 'PAGER_KEY' }
const room: Channel = { id: 'room', kind: 'slack', channel: 'C024BE91L' }

test.each<{
  why: string
  fleet: Pick<Fleet, 'channels' | 'senders' | 'onCall'>
  needed: string[]
}>([
  { why: 'nobody is told', fleet: { channels: [] }, needed: [] },
  {
    why: 'the usual names, each once; a public server of pushes wants none',
    fleet: { channels: [pager, room], onCall: people },
    needed: ['PAGER_KEY: pager', 'SLACK_BOT_TOKEN: room', 'SMTP_URL: first/mail, second/mail'],
  },
  {
    why: 'alerts of Opsgenie and of Jira Service Management',
    fleet: {
      channels: [
        { id: 'old', kind: 'opsgenie', apiKey: 'OLD_KEY' },
        { id: 'new', kind: 'jsm', apiKey: 'NEW_KEY' },
      ],
    },
    needed: ['NEW_KEY: new', 'OLD_KEY: old'],
  },
  {
    why: 'names that the organisation chose',
    fleet: {
      channels: [room],
      onCall: people,
      senders: {
        email: { from: 'a@example.com', server: 'MAIL' },
        ...{ slack: { token: 'BOT' }, ntfy: { token: 'PUSH' } },
      },
    },
    needed: ['BOT: room', 'MAIL: first/mail, second/mail', 'PUSH: first/phone'],
  },
  {
    why: 'stakeholders',
    fleet: {
      channels: [],
      onCall: anOnCall(
        { first: [] },
        {
          stakeholders: [
            {
              ...{ id: 'support', name: 'support', severity: 'SEV-1' },
              contacts: [
                {
                  id: 'hook',
                  destination: { kind: 'webhook', url: 'https://a.test', secret: 'HOOK' },
                },
              ],
            },
          ],
        },
      ),
    },
    needed: ['HOOK: support/hook'],
  },
])('$needed: $why', ({ fleet, needed }) => {
  expect(
    neededSecrets(fleet).map(({ variable, usedBy }) => `${variable}: ${usedBy.join(', ')}`),
  ).toEqual(expect.arrayContaining(needed))
  expect(neededSecrets(fleet)).toHaveLength(needed.length)
})
