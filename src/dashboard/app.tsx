import { useEffect, useRef, useState } from 'preact/hooks'
import { setOpenIncidents } from './live/page-title.ts'
import { usePulse } from './live/pulse.ts'
import { sessionStore } from './live/session.ts'
import { listenToShortcuts } from './live/shortcuts.ts'
import { chooseTheme, THEMES, themeStore } from './live/theme.ts'
import { useValue } from './live/use-value.ts'
import { CheckPage } from './pages/check-page.tsx'
import { FleetPage } from './pages/fleet-page.tsx'
import { IncidentPage } from './pages/incident-page.tsx'
import { IncidentsPage } from './pages/incidents-page.tsx'
import { NowPage } from './pages/now-page.tsx'
import { OnCallPage } from './pages/on-call-page.tsx'
import { RunPage } from './pages/run-page.tsx'
import { RunbookPage } from './pages/runbook-page.tsx'
import { RunbooksPage } from './pages/runbooks-page.tsx'
import { UnknownPage } from './pages/unknown-page.tsx'
import { Announcer } from './parts/announcer.tsx'
import { AppFooter } from './parts/app-footer.tsx'
import { AppHeader } from './parts/app-header.tsx'
import { ConnectionBanner } from './parts/connection-banner.tsx'
import { fetchedPart } from './parts/fetched-part.tsx'
import { KeyboardMap } from './parts/keyboard-map.tsx'
import { HEADING_ID } from './parts/page-heading.tsx'
import { placeStore } from './routing/location.ts'
import { type Route, routeOf } from './routing/route.ts'

const LearningPage = fetchedPart(
  async () => (await import('./pages/learning-page.tsx')).LearningPage,
)
const ObjectivesPage = fetchedPart(
  async () => (await import('./pages/objectives-page.tsx')).ObjectivesPage,
)
const PostmortemPage = fetchedPart(
  async () => (await import('./pages/postmortem-page.tsx')).PostmortemPage,
)

export function App() {
  const route = routeOf(useValue(placeStore).path)
  const { state } = useValue(sessionStore)
  if (route.page === 'join') return <JoinPage />
  if (state === 'asking') return null
  if (state === 'outside') return <SignInPage />
  return (
    <>
      <Dashboard />
      {state === 'ended' && <SignInAgain />}
    </>
  )
}

const JoinPage = fetchedPart(async () => (await import('./pages/join-page.tsx')).JoinPage)
const SignInPage = fetchedPart(async () => (await import('./pages/sign-in-page.tsx')).SignInPage)
const SignInAgain = fetchedPart(async () => (await import('./parts/sign-in-again.tsx')).SignInAgain)
const PeoplePage = fetchedPart(async () => (await import('./pages/people-page.tsx')).PeoplePage)
const AccountPage = fetchedPart(async () => (await import('./pages/account-page.tsx')).AccountPage)

function Dashboard() {
  const { path } = useValue(placeStore)
  const route = routeOf(path)
  const { incidents, newestRunAt } = usePulse()
  const [isMapShown, setMapShown] = useState(false)

  useEffect(() => setOpenIncidents(incidents?.length ?? 0), [incidents])
  useEffect(
    () =>
      listenToShortcuts({
        toggleMap: () => setMapShown((shown) => !shown),
        closeMap: () => setMapShown(false),
        nextTheme: () =>
          chooseTheme(THEMES[(THEMES.indexOf(themeStore.get()) + 1) % THEMES.length] ?? 'auto'),
      }),
    [],
  )
  useFocusOnEntry(path)
  return (
    <>
      <a class="skip-link" href="#content">
        Skip to the content
      </a>
      <AppHeader
        page={route.page}
        openIncidents={incidents?.length}
        newestRunAt={newestRunAt}
        isMapShown={isMapShown}
        onToggleMap={() => setMapShown((shown) => !shown)}
      />
      <ConnectionBanner />
      {isMapShown && <KeyboardMap />}
      <Announcer incidents={incidents} />
      <main id="content" tabIndex={-1}>
        <Page key={path} route={route} />
      </main>
      <AppFooter />
    </>
  )
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case 'now':
      return <NowPage />
    case 'incidents':
      return <IncidentsPage />
    case 'incident':
      return <IncidentPage incidentId={route.incidentId} />
    case 'postmortem':
      return <PostmortemPage incidentId={route.incidentId} />
    case 'learning':
      return <LearningPage />
    case 'run':
      return <RunPage runId={route.runId} />
    case 'check':
      return <CheckPage checkId={route.checkId} />
    case 'objectives':
      return <ObjectivesPage />
    case 'runbooks':
      return <RunbooksPage />
    case 'runbook':
      return <RunbookPage runbookId={route.runbookId} />
    case 'on-call':
      return <OnCallPage />
    case 'fleet':
      return <FleetPage />
    case 'people':
      return <PeoplePage />
    case 'account':
      return <AccountPage />
    case 'join':
    case 'unknown':
      return <UnknownPage />
  }
}

/** After a link was followed the focus is on the new page's first sentence, not on nothing. */
function useFocusOnEntry(path: string): void {
  const before = useRef(path)
  useEffect(() => {
    if (before.current === path) return
    before.current = path
    document.getElementById(HEADING_ID)?.focus({ preventScroll: true })
  }, [path])
}
