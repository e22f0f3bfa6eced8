import { describe, expect, test } from 'vitest'
import { DnsRecordType } from '../../../../src/protocol/kinds/dns.ts'
import { bindServing, hasBind } from '../../../support/bind.ts'
import { aCheck } from '../../../support/builders.ts'
import { runOnce } from '../../../support/check-context.ts'

if (!hasBind)
  console.warn(
    'SKIPPED: zone texts are not compared with those of dig. Install the Debian packages bind9 and bind9-dnsutils.',
  )

const KEY =
  'oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip8WTrPYGv07h108dUKGMeDPKijVCHX3DDKdfb+v6oB9wfuh3DTJXUAfI='
const DIGEST = '2BB183AF5F22588179A53B0A98631FAD1A292118C8F5A1A9B1A6C9F4A3C2E1D0'

/** Everything that is hard to write is in here once. */
const ZONE = `
$TTL 60
@ SOA ns hostmaster\\.of.shop.test. 2026010101 3600 600 86400 5
@ NS ns
@ NS \\032odd\\.name\\@\\$\\;\\(\\)\\"\\\\\\200.other.test.
ns A 127.0.0.1
@ A 192.0.2.1
@ A 192.0.2.255
@ AAAA 2001:db8::1
@ AAAA 2001:db8:0:0:1:0:0:1
@ AAAA 2001:db8:0:1:1:1:1:1
@ AAAA ::
@ AAAA ::1
@ AAAA 1::
@ AAAA ::ffff:192.0.2.1
@ AAAA ::192.0.2.1
@ AAAA 0:0:0:1:0:0:0:1
@ CAA 0 issue "ca.test; account=\\"1\\""
@ CAA 128 iodef "mailto:ops@shop.test"
@ CAA 0 issue ";"
www CNAME @
@ DNSKEY 257 3 13 ${KEY}
@ DNSKEY 256 3 8 AwEAAQ==
sub NS ns
sub DS 12345 13 2 ${DIGEST}
sub DS 12345 13 1 0123456789abcdef0123456789abcdef01234567
@ HTTPS 1 . alpn="h2,h3" ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1,2001:db8::2
@ HTTPS 2 svc.shop.test. mandatory=alpn,port alpn=h2 no-default-alpn port=8443 ech=AEX+DQ==
alias HTTPS 0 shop.test.
_dns SVCB 1 dns.shop.test. alpn=dot port=8853 key65333="a \\"quoted\\" \\\\ \\200 text" key65400
_dns SVCB 2 . alpn="f\\\\\\\\oo\\\\,bar,h2"
_doh SVCB 1 dns.shop.test. alpn=h2 key7="/dns-query{?dns}"
@ MX 10 mail
@ MX 0 .
@ NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info\\\\@shop.test!" .
@ NAPTR 100 20 "" "" "" replacement.shop.test.
1 PTR shop.test.
_https._tcp SRV 1 2 443 a
_443._tcp TLSA 3 1 1 ${DIGEST}
@ TXT "v=spf1 -all" "second"
@ TXT "say \\"hi\\"; back\\\\slash, \\195\\188 \\000 \\127 tab\\009 $ @ ( )"
@ TXT ""
more SSHFP 4 2 ${DIGEST}
more HINFO "a machine" "a system"
more RP ops.shop.test. text.shop.test.
more CDS 12345 13 2 ${DIGEST}
more CDNSKEY 257 3 13 ${KEY}
more DNAME other.test.
more TYPE65402 \\# 4 0A0b0C0d
more TYPE65403 \\# 0
more NSEC more2.shop.test. A AAAA RRSIG NSEC CAA TYPE65402
more NSEC3PARAM 1 0 0 -
more2 NSEC3PARAM 1 0 10 AABBCCDD
aabbccddeeffgg00112233445566778899 NSEC3 1 1 10 AABB CPNMUOJ1E8HPQ6S5K6RL04BJHMNF2TG7 A RRSIG
more RRSIG A 13 3 60 20261231235959 20260101000000 12345 shop.test. ${KEY}
`

const questions: { name: string; type: DnsRecordType }[] = [
  ...DnsRecordType.options.map((type) => ({ name: 'shop.test', type })),
  { name: 'www.shop.test', type: 'CNAME' },
  { name: 'www.shop.test', type: 'A' },
  { name: 'sub.shop.test', type: 'DS' },
  { name: 'alias.shop.test', type: 'HTTPS' },
  { name: '_dns.shop.test', type: 'SVCB' },
  { name: '_doh.shop.test', type: 'SVCB' },
  { name: '1.shop.test', type: 'PTR' },
  { name: '_https._tcp.shop.test', type: 'SRV' },
  { name: '_443._tcp.shop.test', type: 'TLSA' },
  { name: 'more.shop.test', type: 'ANY' },
  { name: 'more2.shop.test', type: 'ANY' },
  { name: 'aabbccddeeffgg00112233445566778899.shop.test', type: 'ANY' },
]

describe.skipIf(!hasBind)('data reads as dig prints it', () => {
  test('of every type, from a zone of BIND', { timeout: 30_000 }, async () => {
    const bind = await bindServing('shop.test', ZONE)
    const types = new Set<string>()
    for (const { name, type } of questions) {
      const check = aCheck('dns', { server: bind.host, questionName: name, recordType: type })
      const run = await runOnce(check)
      expect(run.error, `${name} ${type}`).toBeUndefined()
      const printed = (await bind.dig(name, type))
        // It prints the aliases in front of the records that they lead to.
        .filter((line) => type !== 'A' || !line.endsWith('.'))
        // RFC 9461's name for this key is newer than some versions of it.
        .map((line) => line.replace('key7=', 'dohpath='))
      const answers = [run.facts.answers].flat()
      expect(answers.toSorted(), `${name} ${type}`).toEqual(printed.toSorted())
      if (printed.length > 0) types.add(type)
    }
    expect([...types].toSorted()).toEqual(DnsRecordType.options.toSorted())
  })
})
