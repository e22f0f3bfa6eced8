import type { Now } from '../../protocol/public-api.ts'
import { PATHS } from '../../protocol/public-paths.ts'
import { useResource } from '../live/use-resource.ts'
import { navigate } from '../routing/location.ts'
import { pageAddress } from '../routing/route.ts'
import { declareLink } from '../words/declare-link.ts'
import { DECLARE_FIELDS } from '../words/incident-actions.ts'
import { CommandDialog } from './command-dialog.tsx'

/** Asks what is wrong, opens an incident and goes to its page; an address may fill the form in. */
export function DeclareDialog({ query, onClose }: { query: string; onClose(): void }) {
  const link = declareLink(query)
  const services = useResource<Now>(PATHS.now).data?.services
  if (!services) return null
  return (
    <CommandDialog<{ incident: { id: string } }>
      title="Declare an incident"
      means="For what people tell and no check has found. Only a person can say that it is over."
      address={PATHS.incidents}
      fields={link?.fields ?? DECLARE_FIELDS}
      services={services}
      {...(link?.service !== undefined && { service: link.service })}
      {...(link?.severity !== undefined && { severity: link.severity })}
      onClose={onClose}
      onDone={({ incident }) => navigate(pageAddress.incident(incident.id))}
    />
  )
}
