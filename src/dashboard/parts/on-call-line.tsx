import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { OnCallForServiceAnswer } from '../live/answers.ts'
import { RELOAD_GAP_MS, useResource } from '../live/use-resource.ts'
import { pageAddress } from '../routing/route.ts'

type Duty = OnCallForServiceAnswer['primary']

/** Who is on call for the service of an incident, in a line; nothing where no team owns it. */
export function OnCallLine({ serviceId, severity }: { serviceId: string; severity: string }) {
  const address = addressOf(PATHS.onCallForService, { serviceId }, { severity })
  const { data } = useResource<OnCallForServiceAnswer>(address, {
    reloadGapMs: (event) => (event.type === 'on_call' ? RELOAD_GAP_MS : undefined),
  })
  if (!data?.team) return null
  const { team, primary, secondary } = data
  return (
    <p class="quiet">
      On call for {serviceId} (<a href={pageAddress.onCall()}>{team.name}</a>):{' '}
      <Names duty={primary} />
      {'people' in secondary && (
        <>
          , then <Names duty={secondary} />
        </>
      )}
    </p>
  )
}

const Names = ({ duty }: { duty: Duty }) =>
  'nobody' in duty ? (
    <strong class="tone-failed">nobody ({duty.nobody})</strong>
  ) : (
    <strong title={duty.reason}>{duty.people.map(({ name }) => name).join(', ')}</strong>
  )
