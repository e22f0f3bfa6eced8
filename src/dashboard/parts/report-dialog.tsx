import type { Now, TakenReport } from '../../protocol/public-api.ts'
import { PATHS } from '../../protocol/public-paths.ts'
import { useResource } from '../live/use-resource.ts'
import { REPORT_FIELDS } from '../words/incident-actions.ts'
import { CommandDialog } from './command-dialog.tsx'

/** Asks what does not work. */
export function ReportDialog(props: { onDone(report: TakenReport): void; onClose(): void }) {
  const services = useResource<Now>(PATHS.now).data?.services
  if (!services) return null
  return (
    <CommandDialog<TakenReport>
      title="Report a problem"
      means="What you, or a customer, cannot do. Several reports of one service open an incident."
      address={PATHS.reports}
      fields={REPORT_FIELDS}
      services={services}
      isForAnybody
      {...props}
    />
  )
}
