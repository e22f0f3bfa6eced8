import { BlockList, isIPv6 } from 'node:net'
import { CheckError } from '../checks/check-runner.ts'
import { embeddedIpv4 } from './address-policy.ts'
import { withoutSecrets } from './next-hop.ts'
import type { Located } from './timed-connect.ts'

/** With the addresses that single clouds chose elsewhere for the same. */
const linkLocal = new BlockList()
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4')
linkLocal.addSubnet('fe80::', 10, 'ipv6')
linkLocal.addAddress('fd00:ec2::254', 'ipv6')
linkLocal.addAddress('100.100.100.200', 'ipv4')
linkLocal.addAddress('168.63.129.16', 'ipv4')
linkLocal.addAddress('192.0.0.192', 'ipv4')

/**
 * Clouds hand out a machine's credentials at such addresses. A target could send the probe there, and
 * read them in the public report of what its body was. Whatever the region's policy allows, a redirect
 * does not lead there.
 *
 * @throws {CheckError} `http.redirects`
 */
export function refuseLinkLocal(url: URL, { addresses, isRedirected }: Located): void {
  if (isRedirected || !addresses.some(isLinkLocal)) return
  throw new CheckError(
    'http.redirects',
    `redirected to ${withoutSecrets(url)}, a link-local address or a cloud's own, which is never followed`,
  )
}

/** Also where it is written as an IPv6 address that stands for it. */
function isLinkLocal(address: string): boolean {
  const plain = address.replace(/%.*$/, '')
  if (!isIPv6(plain)) return linkLocal.check(plain, 'ipv4')
  const inner = embeddedIpv4(plain)
  return linkLocal.check(plain, 'ipv6') || (inner !== undefined && linkLocal.check(inner, 'ipv4'))
}
