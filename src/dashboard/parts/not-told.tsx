import type { Now } from '../../protocol/public-api.ts'
import { pageAddress } from '../routing/route.ts'
import { scopeWords } from '../words/scope-words.ts'
import { Moment } from './moment.tsx'

/** Silences and maintenance that hold now; nothing where there are none. */
export function NotTold({
  silences = [],
  maintenance = [],
}: Pick<Now, 'silences' | 'maintenance'>) {
  if (silences.length + maintenance.length === 0) return null
  return (
    <section aria-label="Not told">
      <h2>What is not told now</h2>
      <ul class="card failures">
        {maintenance.map(({ id, reason, scope, from, until }) => (
          <li key={id}>
            <p class="failure-head">
              <strong>Maintenance {id}</strong>
              <span>{scopeWords(scope)}</span>
            </p>
            <p class="quiet">
              {reason} Since <Moment at={from} />, until <Moment at={until} />.
            </p>
          </li>
        ))}
        {silences.map(({ id, author, reason, scope, until, untilResolved }) => (
          <li key={id}>
            <p class="failure-head">
              <strong>Silence by {author}</strong>
              <span>{scopeWords(scope)}</span>
            </p>
            <p class="quiet">
              {reason}. Until <Moment at={until} />
              {untilResolved && ', or until it is resolved'}. End it:{' '}
              <code>firewatch silence end {id}</code>
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Alerts that are not told because this incident's service fails. */
export function Inhibited({
  inhibited = [],
}: {
  inhibited?: readonly { checkId: string; name: string; reason: string }[] | undefined
}) {
  if (inhibited.length === 0) return null
  return (
    <section aria-label="Fails because of it">
      <h2>Fails because of it, and is not told</h2>
      <ul class="card failures">
        {inhibited.map(({ checkId, name, reason }) => (
          <li key={checkId}>
            <p>
              <a href={pageAddress.check(checkId)}>{name}</a>
            </p>
            <p class="quiet">{reason}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}
