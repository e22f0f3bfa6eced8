import { useState } from 'preact/hooks'
import { describeDuration } from '../../base/duration.ts'
import type { TakenReport } from '../../protocol/public-api.ts'
import { useLazy } from '../live/use-lazy.ts'
import { count } from '../words/quantity.ts'

const loadDialog = () => import('./report-dialog.tsx')

/** For support, and for whoever notices something: several reports make a finding. */
export function ReportButton() {
  const [isOpen, setOpen] = useState(false)
  const [taken, setTaken] = useState<TakenReport>()
  const { part, hasFailed } = useLazy(isOpen ? loadDialog : undefined)
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Report a problem
      </button>
      <span role="status" class="quiet">
        {taken && takenWords(taken)}
      </span>
      {isOpen && part && (
        <part.ReportDialog
          onClose={() => setOpen(false)}
          onDone={(report) => {
            setTaken(report)
            setOpen(false)
          }}
        />
      )}
      {hasFailed && <span role="alert">A part of this page cannot be loaded; load it again.</span>}
    </>
  )
}

const takenWords = ({ count: reports, needed, withinMs }: TakenReport): string =>
  `Reported: ${count(reports, 'report')} within ${describeDuration(withinMs)}; ${needed} make a finding.`
