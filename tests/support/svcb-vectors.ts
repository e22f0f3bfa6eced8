/** RFC 9460, appendix D: data of SVCB records as it is sent, and as it is written. */
const vector = (text: string, hex: string) => ({
  text,
  wire: Buffer.from(hex.replace(/\s/g, ''), 'hex'),
})

const FOO_ORG = '03666f6f076578616d706c65036f726700'

export const SVCB_VECTORS = [
  vector('0 foo.example.com.', '0000 03666f6f 076578616d706c65 03636f6d 00'),
  vector('1 .', '0001 00'),
  vector(
    '16 foo.example.com. port=53',
    '0010 03666f6f 076578616d706c65 03636f6d 00 0003 0002 0035',
  ),
  vector(
    '1 foo.example.com. key667="hello"',
    '0001 03666f6f 076578616d706c65 03636f6d 00 029b 0005 68656c6c6f',
  ),
  vector(
    '1 foo.example.com. key667="hello\\210qoo"',
    '0001 03666f6f 076578616d706c65 03636f6d 00 029b 0009 68656c6c6fd2716f6f',
  ),
  vector(
    '1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1',
    `0001 03666f6f 076578616d706c65 03636f6d 00 0006 0020
     20010db8000000000000000000000001 20010db8000000000000000000530001`,
  ),
  vector(
    '16 foo.example.org. mandatory=alpn,ipv4hint alpn="h2,h3-19" ipv4hint=192.0.2.1',
    `0010 ${FOO_ORG} 0000 0004 0001 0004 0001 0009 02 6832 05 68332d3139 0004 0004 c0000201`,
  ),
  vector(
    '16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"',
    `0010 ${FOO_ORG} 0001 000c 08 665c6f6f2c626172 02 6832`,
  ),
]
