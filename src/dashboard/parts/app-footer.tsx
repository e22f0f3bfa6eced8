import { coordinatorNow } from '../live/coordinator-time.ts'
import { zoneWords } from '../words/time-words.ts'

export function AppFooter() {
  return (
    <footer class="app-footer quiet">
      <span>Times are in {zoneWords(coordinatorNow())}; ages by the coordinator’s clock.</span>
      <a href="/api/v1/openapi.json">API</a>
    </footer>
  )
}
