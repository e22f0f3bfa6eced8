import { render } from 'preact'
import { App } from './app.tsx'
import { startSeconds } from './live/coordinator-time.ts'
import { pageConnection } from './live/page-connection.ts'
import { sessionStore, startSession } from './live/session.ts'
import { startRouting } from './routing/location.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/frame.css'
import './styles/checks.css'
import './styles/incidents.css'
import './styles/objectives.css'
import './styles/run.css'
import './styles/people.css'
import 'uplot/dist/uPlot.min.css'
import './styles/latency.css'

startRouting()
startSeconds()
startSession()
startConnectionInside()

/** The stream of events is for who is inside; whoever is not is not worth trying again and again. */
function startConnectionInside(): void {
  const unfollow = sessionStore.follow(() => {
    if (sessionStore.get().state !== 'inside') return
    unfollow()
    pageConnection.start()
  })
}

const root = document.getElementById('dashboard')
if (root) render(<App />, root)
