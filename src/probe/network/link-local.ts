import { BlockList, isIPv6 } from 'node:net'
import { CheckError } from '../checks/check-runner.ts'
import { withoutSecrets } from './next-hop.ts'
import type { Located } from './timed-connect.ts'

const linkLocal = new BlockList()
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4')
linkLocal.addSubnet('fe80::', 10, 'ipv6')
linkLocal.addAddress('fd00:ec2::254', 'ipv6')

/**
 * Clouds hand out a machine's credentials at such addresses. A target could send the probe there, and
 * read them in the public report of what its body was. Whatever the region's policy allows, a redirect
 * does not lead there.
 *
 * @throws {CheckError} `http.redirects`
 */
export function refuseLinkLocal(url: URL, { addresses, isRedirected }: Located): void {
  const family = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')
  if (isRedirected || !addresses.some((address) => linkLocal.check(address, family(address))))
    return
  throw new CheckError(
    'http.redirects',
    `redirected to ${withoutSecrets(url)}, a link-local address, which is never followed`,
  )
}
