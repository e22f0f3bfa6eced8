import { mayAs, sessionStore } from '../live/session.ts'
import { useValue } from '../live/use-value.ts'
import { AccountList } from '../parts/account-list.tsx'
import { DeedList } from '../parts/deed-list.tsx'
import { FilterLinks } from '../parts/filter-links.tsx'
import { PageHeading } from '../parts/page-heading.tsx'
import { TokenList } from '../parts/token-list.tsx'
import { useFilter } from '../routing/use-filter.ts'

/** Who may come in, and what they did; for admins. */
export function PeoplePage() {
  const { me } = useValue(sessionStore)
  const shown = useFilter('show')
  if (!mayAs(me, 'admin'))
    return <PageHeading title="People">Only an admin says who may come in.</PageHeading>
  return (
    <>
      <PageHeading title="People">{HEADINGS[shown ?? ''] ?? 'Who may sign in'}</PageHeading>
      <div class="toolbar">
        <FilterLinks
          label="What of it"
          name="show"
          options={[
            { value: 'accounts', text: 'Accounts' },
            { value: 'tokens', text: 'Tokens' },
            { value: 'audit', text: 'Audit log' },
          ]}
        />
      </div>
      {shown === 'tokens' ? <TokenList /> : shown === 'audit' ? <DeedList /> : <AccountList />}
    </>
  )
}

const HEADINGS: Readonly<Record<string, string>> = {
  tokens: 'What lets programs and probes in',
  audit: 'Who did what, and from where',
}
