import { PageHeading } from '../parts/page-heading.tsx'
import { pageAddress } from '../routing/route.ts'

export function UnknownPage() {
  return (
    <>
      <PageHeading title="Not found">There is no page at this address.</PageHeading>
      <p class="lead">
        Go to <a href={pageAddress.now()}>Now</a>, <a href={pageAddress.incidents()}>Incidents</a>{' '}
        or <a href={pageAddress.fleet()}>Fleet</a>.
      </p>
    </>
  )
}
