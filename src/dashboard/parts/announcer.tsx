import { useEffect, useRef, useState } from 'preact/hooks'
import type { IncidentSummary } from '../../protocol/public-api.ts'
import { announcement } from '../words/announcement.ts'

/** A screen reader must be able to finish a sentence: changes within this time are said together. */
const QUIET_MS = 5_000

/** Says aloud what changed about the open incidents. */
export function Announcer({ incidents }: { incidents: IncidentSummary[] | undefined }) {
  const [text, setText] = useState('')
  const latest = useRef(incidents)
  const said = useRef<IncidentSummary[] | undefined>(undefined)
  latest.current = incidents

  useEffect(() => {
    const timer = setInterval(() => {
      if (!latest.current) return
      const news = said.current && announcement(said.current, latest.current)
      said.current = latest.current
      if (news !== undefined) setText(news)
    }, QUIET_MS)
    return () => clearInterval(timer)
  }, [])
  return (
    <p class="unseen" aria-live="polite">
      {text}
    </p>
  )
}
