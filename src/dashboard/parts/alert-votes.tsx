import type { AlertRule } from '../../protocol/alert-rule.ts'
import type { AlertStatus } from '../../protocol/public-api.ts'
import { count, joinNames, UNKNOWN } from '../words/quantity.ts'
import { Facts } from './facts.tsx'
import { Moment } from './moment.tsx'

/** Why the alert did or did not fire: its rule, and the votes that were counted. */
export function AlertVotes({ alert, rule }: { alert: AlertStatus; rule: AlertRule }) {
  const names = (regions: readonly string[]) => joinNames(regions) || UNKNOWN
  return (
    <section aria-label="Alert">
      <h2>Why it did, or did not, fire</h2>
      <div class="card">
        <Facts
          facts={[
            ['alert', <strong key="state">{alert.state}</strong>],
            ['since', <Moment key="since" at={alert.since} />],
            ['votes that fail', names(alert.failing)],
            ['votes that pass', names(alert.healthy)],
            ['no fresh vote', names(alert.unknown)],
            ...(alert.implicated ? [['about', names(alert.implicated)] as const] : []),
            [
              'fires when',
              `${count(rule.regionsMin, 'region')} ${rule.regionsMin === 1 ? 'fails' : 'fail at once'}, or one fails ${count(rule.failuresToFire, 'time')} in a row`,
            ],
            ['ends when', `each passes ${count(rule.passesToResolve, 'time')} in a row`],
          ]}
        />
      </div>
    </section>
  )
}
