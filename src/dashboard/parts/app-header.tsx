import { pageAddress, type Route } from '../routing/route.ts'
import { AccountMenu } from './account-menu.tsx'
import { DataAge } from './data-age.tsx'
import { ThemeSwitch } from './theme-switch.tsx'

/** Each entry of the navigation, and the pages that lie below it. */
const ENTRIES: { text: string; address: string; pages: readonly Route['page'][] }[] = [
  { text: 'Now', address: pageAddress.now(), pages: ['now', 'check', 'run'] },
  { text: 'Incidents', address: pageAddress.incidents(), pages: ['incidents', 'incident'] },
  {
    text: 'Learning',
    address: pageAddress.learning(),
    pages: ['learning', 'postmortem'],
  },
  { text: 'Objectives', address: pageAddress.objectives(), pages: ['objectives'] },
  { text: 'On call', address: pageAddress.onCall(), pages: ['on-call'] },
  { text: 'Fleet', address: pageAddress.fleet(), pages: ['fleet'] },
]

export function AppHeader(props: {
  page: Route['page']
  openIncidents: number | undefined
  newestRunAt: number | undefined
  onToggleMap(): void
  isMapShown: boolean
}) {
  const { page, openIncidents = 0, newestRunAt, onToggleMap, isMapShown } = props
  return (
    <header class="app-header">
      <a class="brand" href={pageAddress.now()}>
        <svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true">
          <path class="slot-passed" d="M4 14h6v14H4zM13 8h6v20h-6z" />
          <path class="slot-failed" d="M22 4l3 7 3-7v24h-6z" />
        </svg>
        <span>Firewatch</span>
      </a>
      <nav class="page-links" aria-label="Pages">
        {ENTRIES.map(({ text, address, pages }) => (
          <a key={text} href={address} aria-current={pages.includes(page) ? 'page' : undefined}>
            {text}
            {text === 'Incidents' && openIncidents > 0 && (
              <span class="badge">
                {openIncidents}
                <span class="unseen"> open</span>
              </span>
            )}
          </a>
        ))}
      </nav>
      <DataAge newestRunAt={newestRunAt} />
      <ThemeSwitch />
      <AccountMenu />
      <button
        type="button"
        class="plain-button wide-only"
        aria-label="Keyboard map"
        aria-expanded={isMapShown}
        onClick={onToggleMap}
      >
        ?
      </button>
    </header>
  )
}
