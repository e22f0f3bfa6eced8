// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so are variables written in YAML.
import { describe, expect, test } from 'vitest'
import { formatProblem } from '../../../src/definitions/format-problem.ts'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { CHECK_FILE, type FleetFiles, fleetFolder } from './fleet-folder.ts'

/** Everything that definitions are refused for, with its exact place and words. */

/** Variables whose values must not come up in any message. */
const ENVIRONMENT = { CRON: 'hidden value', HIDDEN: 'hidden' }

const HTTP = `service: shop
checks:
  - id: home
    kind: http
    url: https://shop.test/
    every: 30s
`
const TLS = `service: shop
checks:
  - id: certificate
    kind: tls
    host: shop.test
    every: 1h
`
const DNS = `service: shop
checks:
  - id: names
    kind: dns
    every: 1m
`
const POSTGRES = `service: shop
checks:
  - id: orders
    kind: postgres
    host: db.test
    every: 30s
`
const JOURNEY = `service: shop
checks:
  - id: buy
    kind: journey
    every: 1m
`

/** `problems` without the file's name. */
type Row = { why: string; checks: string; problems: string[] }
type FileRow = { why: string; files: FleetFiles; problems: string[] }

async function problemsOf(files: FleetFiles): Promise<string[]> {
  const loaded = await loadFleet(await fleetFolder(files), ENVIRONMENT)
  return loaded.ok ? [] : loaded.problems.map(formatProblem)
}

const NOBODY_LOGS_IN =
  '3:5: "user" is missing; expected who logs in: only then can there be a query, a write, and what is expected of them'

const shape: Row[] = [
  {
    why: 'a misspelled key would switch something off',
    checks: `${HTTP}    tiemout: 5s\n`,
    problems: ['7:5: unknown key "tiemout"; did you mean "timeout"?'],
  },
  {
    why: 'a key like no other gets the list of those that are known',
    checks: `service: shop\nchecks: []\nzzz: 1\n`,
    problems: [
      '2:9: "checks" cannot be an empty list; expected at least 1 entry',
      '3:1: unknown key "zzz"; expected service, defaults or checks',
    ],
  },
  {
    why: 'a number is no duration',
    checks: `${HTTP}    timeout: 5\n`,
    problems: ['7:14: "timeout" cannot be 5; expected a duration such as 500ms, 30s, 5m, 1h or 2d'],
  },
  {
    why: 'a word is no duration',
    checks: `${HTTP}    timeout: five\n`,
    problems: [
      '7:14: "timeout" cannot be "five"; expected a duration such as 500ms, 30s, 5m, 1h or 2d',
    ],
  },
  {
    why: 'a required key is missing',
    checks: HTTP.replace('    url: https://shop.test/\n', ''),
    problems: ['3:5: "url" is missing; expected an address such as https://shop.example.com/'],
  },
  {
    why: 'a misspelled key is not also a missing one',
    checks: HTTP.replace('url:', 'ulr:'),
    problems: ['5:5: unknown key "ulr"; did you mean "url"?'],
  },
  {
    why: 'a key without a value',
    checks: `${HTTP}    timeout:\n`,
    problems: ['7:5: "timeout" has no value; expected a duration such as 500ms, 30s, 5m, 1h or 2d'],
  },
  {
    why: 'an unknown kind',
    checks: HTTP.replace('kind: http', 'kind: htp'),
    problems: [
      '4:11: "kind" cannot be "htp"; expected "http", "api", "dns", "tls", "tcp", "icmp", "websocket", "grpc", "smtp", "postgres", "heartbeat" or "journey"; did you mean "http"?',
    ],
  },
  {
    why: 'no kind at all',
    checks: HTTP.replace('    kind: http\n', ''),
    problems: [
      '3:5: "kind" is missing; expected "http", "api", "dns", "tls", "tcp", "icmp", "websocket", "grpc", "smtp", "postgres", "heartbeat" or "journey"',
    ],
  },
  {
    why: 'a status that is none',
    checks: `${HTTP}    expect: { status: 2x }\n`,
    problems: [
      '7:23: "status" cannot be "2x"; expected a status such as 200, a class such as 2xx, or a range such as 200-204',
    ],
  },
  {
    why: 'a status out of range',
    checks: `${HTTP}    expect: { status: 99 }\n`,
    problems: [
      '7:23: "status" cannot be 99; expected a status such as 200, a class such as 2xx, or a range such as 200-204',
    ],
  },
  {
    why: 'one wrong entry in a list of statuses',
    checks: `${HTTP}    expect: { status: [200, abc] }\n`,
    problems: [
      '7:29: entry 2 of "status" cannot be "abc"; expected a status such as 200, a class such as 2xx, or a range such as 200-204',
    ],
  },
  {
    why: 'a mapping where a status belongs',
    checks: `${HTTP}    expect: { status: { is: 200 } }\n`,
    problems: [
      '7:23: "status" cannot be a mapping; expected a status such as 200, a class such as 2xx, or a range such as 200-204, or a list of them',
    ],
  },
  {
    why: 'a misspelled comparison',
    checks: `${HTTP}    expect: { body: { contians: Lamp } }\n`,
    problems: ['7:23: unknown key "contians"; did you mean "contains"?'],
  },
  {
    why: 'a comparison with nothing',
    checks: `${HTTP}    expect: { body: {} }\n`,
    problems: [
      '7:21: "body" cannot be empty; expected at least one of equals, oneOf, contains, matches, not or absent',
    ],
  },
  {
    why: 'a pattern that does not compile',
    checks: `${HTTP}    expect: { body: { matches: '(' } }\n`,
    problems: ['7:32: "matches" cannot be "("; expected a valid regular expression'],
  },
  {
    why: 'a limit without its max',
    checks: `${HTTP}    expect: { total: 800ms }\n`,
    problems: ['7:22: "total" cannot be "800ms"; expected a mapping such as { max: 800ms }'],
  },
  {
    why: 'a limit without a unit',
    checks: `${HTTP}    expect: { total: { max: 800 } }\n`,
    problems: ['7:29: "max" cannot be 800; expected a duration such as 500ms, 30s, 5m, 1h or 2d'],
  },
  {
    why: 'limits that nothing can keep',
    checks: `${HTTP}    expect: { total: { min: 2s, max: 1s }, bodyBytes: { min: 3, max: 2 } }\n`,
    problems: [
      '7:22: "total" contradicts itself; expected min not above max',
      '7:55: "bodyBytes" contradicts itself; expected min not above max',
    ],
  },
  {
    why: 'an expectation of another kind',
    checks: `${HTTP}    expect: { daysLeft: 14 }\n`,
    problems: [
      '7:15: unknown key "daysLeft"; expected status, headers, body, bodyBytes, json, select, title, httpVersion, redirects, finalUrl, certificateDaysLeft, dns, proxy, connect, tls, firstByte, download or total',
    ],
  },
  {
    why: 'a header name with a space',
    checks: `${HTTP}    headers: { a b: x }\n`,
    problems: ['7:16: "a b" cannot be a key; expected a header name, such as accept-language'],
  },
  {
    why: 'a line break in a header',
    checks: `${HTTP}    headers: { a: "x\\ny" }\n`,
    problems: ['7:19: "a" cannot be "x�y"; expected text on one line, without control characters'],
  },
  {
    why: 'a method in lower case',
    checks: `${HTTP}    method: get\n`,
    problems: [
      '7:13: "method" cannot be "get"; expected "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" or "TRACE"; did you mean "GET"?',
    ],
  },
  {
    why: 'too many redirects',
    checks: `${HTTP}    redirects: 21\n`,
    problems: ['7:16: "redirects" cannot be 21; expected at most 20'],
  },
  {
    why: 'an address without its scheme',
    checks: HTTP.replace('https://shop.test/', 'shop.test'),
    problems: [
      '5:10: "url" cannot be "shop.test"; expected an address such as https://shop.example.com/',
    ],
  },
  {
    why: 'an address that is not of the web',
    checks: HTTP.replace('https://shop.test/', 'ftp://shop.test'),
    problems: [
      '5:10: "url" cannot be "ftp://shop.test"; expected an address such as https://shop.example.com/',
    ],
  },
  {
    why: 'an id with capitals',
    checks: HTTP.replace('id: home', 'id: Home_Page'),
    problems: [
      '3:9: "id" cannot be "Home_Page"; expected a check id: lower-case letters, digits and single dashes, such as checkout-stop',
    ],
  },
  {
    why: 'no region in the list',
    checks: `${HTTP}    regions: []\n`,
    problems: ['7:14: "regions" cannot be an empty list; expected at least 1 entry'],
  },
  {
    why: 'a host name with a leading dash',
    checks: TLS.replace('host: shop.test', 'host: -x-'),
    problems: [
      '5:11: "host" cannot be "-x-"; expected a host name or IP address, such as shop.example.com',
    ],
  },
  {
    why: 'a port out of range',
    checks: `${TLS}    port: 70000\n`,
    problems: ['7:11: "port" cannot be 70000; expected at most 65535'],
  },
  {
    why: 'words where days belong',
    checks: `${TLS}    expect: { daysLeft: soon }\n`,
    problems: [
      '7:25: "daysLeft" cannot be "soon"; expected a number, a list of numbers, or a mapping such as { min: 14 }',
    ],
  },
  {
    why: 'an https address that is to be asked by TCP',
    checks: `${DNS}    name: shop.test\n    server: https://dns.test/q\n    transport: tcp\n`,
    problems: [
      '8:16: "transport" cannot be "tcp"; expected https, or none at all: the server is an https address',
    ],
  },
  {
    why: 'a record type that is not known',
    checks: `${DNS}    name: shop.test\n    recordType: AAAAA\n`,
    problems: [
      '7:17: "recordType" cannot be "AAAAA"; expected "A", "AAAA", "ANY", "CAA", "CNAME", "DNSKEY", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SRV", "SVCB", "TLSA" or "TXT"; did you mean "AAAA"?',
    ],
  },
  {
    why: 'a query of a database that nobody logs in to',
    checks: `${POSTGRES}    query: SELECT 2\n`,
    problems: [NOBODY_LOGS_IN],
  },
  {
    why: 'a lag that nobody is there to ask for',
    checks: `${POSTGRES}    expect: { lagSeconds: { max: 30 } }\n`,
    problems: [NOBODY_LOGS_IN],
  },
  {
    why: 'a table that is more than a name',
    checks: `${POSTGRES}    user: ada\n    write: { table: "probe; DROP TABLE orders" }\n`,
    problems: [
      '8:21: "table" cannot be "probe; DROP TABLE orders"; expected the name of a table, such as firewatch_probe or ops.firewatch_probe',
    ],
  },
  {
    why: 'a password in the place of its name',
    checks: `${POSTGRES}    user: ada\n    password: hunter2\n`,
    problems: [
      '8:15: "password" cannot be "hunter2"; expected the name of a secret, such as SHOP_PASSWORD',
    ],
  },
  {
    why: 'a secret that could be no variable',
    checks: `${JOURNEY}    script: ./buy.journey.ts\n    secrets: [pw]\n`,
    problems: [
      '7:15: entry 1 of "secrets" cannot be "pw"; expected the name of a secret, such as SHOP_PASSWORD',
    ],
  },
  {
    why: 'a list where the file should be a mapping',
    checks: '- a\n',
    problems: ['1:1: the file cannot be a list; expected a mapping of keys to values'],
  },
  {
    why: 'an empty file',
    checks: '',
    problems: ['1:1: the file is empty; expected a mapping with "service", "defaults", "checks"'],
  },
  {
    why: 'a file of comments',
    checks: '# nothing yet\n',
    problems: ['1:1: the file is empty; expected a mapping with "service", "defaults", "checks"'],
  },
]

const meaning: Row[] = [
  {
    why: 'an unknown region',
    checks: `${HTTP}    regions: [eu-wset, mars]\n`,
    problems: [
      '7:15: unknown region "eu-wset"; did you mean "eu-west"?',
      '7:24: unknown region "mars"; expected "eu-west" or "us-east"',
    ],
  },
  {
    why: 'a region twice',
    checks: `${HTTP}    regions: [eu-west, eu-west]\n`,
    problems: ['7:24: the region "eu-west" stands here twice'],
  },
  {
    why: 'an unknown service',
    checks: HTTP.replace('service: shop', 'service: shp'),
    problems: ['1:10: unknown service "shp"; did you mean "shop"?'],
  },
  {
    why: 'two ways of saying when',
    checks: `${HTTP}    cron: '* * * * *'\n`,
    problems: ['7:5: "cron" and "every" both say when; expected one of the two'],
  },
  {
    why: 'nothing says when',
    checks: HTTP.replace('    every: 30s\n', ''),
    problems: [
      '3:5: nothing says when this check runs; expected "every" or "cron", here or in "defaults"',
    ],
  },
  {
    why: 'a time zone for an interval',
    checks: `${HTTP}    timeZone: Europe/Berlin\n`,
    problems: [
      '7:5: "timeZone" without "cron" says nothing; expected a cron expression with it, since intervals do not follow the wall clock',
    ],
  },
  {
    why: 'a time zone in the defaults that nobody uses',
    checks: `defaults: { timeZone: Europe/Berlin }\n${HTTP}`,
    problems: ['1:13: "timeZone" in "defaults", but no check has a "cron"'],
  },
  {
    why: 'a cron field out of range',
    checks: HTTP.replace('every: 30s', 'cron: 61 * * * *'),
    problems: [
      '6:11: "61 * * * *" is no cron expression; expected five fields: minute hour day-of-month month day-of-week (Constraint error, got value 61 expected range 0-59)',
    ],
  },
  {
    why: 'cron with seconds',
    checks: HTTP.replace('every: 30s', 'cron: 0 * * * * *'),
    problems: [
      '6:11: "0 * * * * *" is no cron expression; expected five fields: minute hour day-of-month month day-of-week',
    ],
  },
  {
    why: 'a day that never comes',
    checks: HTTP.replace('every: 30s', 'cron: 0 0 31 2 *'),
    problems: [
      '6:11: "0 0 31 2 *" is no cron expression; expected five fields: minute hour day-of-month month day-of-week (Invalid explicit day of month definition)',
    ],
  },
  {
    why: 'an unknown time zone',
    checks: HTTP.replace('every: 30s', 'cron: 0 6 * * *\n    timeZone: Europe/Belrin'),
    problems: ['7:15: "Europe/Belrin" is no IANA time zone; expected a name such as Europe/Berlin'],
  },
  {
    why: 'a timeout longer than the interval',
    checks: `${HTTP}    timeout: 31s\n`,
    problems: [
      '7:14: "timeout" 31s is longer than "every" 30s, so runs would overlap; expected a timeout of at most 30s',
    ],
  },
  {
    why: 'a timeout of the defaults longer than an interval of them, said once',
    checks: `defaults: { every: 10s, timeout: 20s }\n${HTTP.replace('    every: 30s\n', '')}`,
    problems: [
      '1:20: "timeout" 20s is longer than "every" 10s, so runs would overlap; expected a timeout of at most 10s',
    ],
  },
  {
    why: 'a timeout of the defaults longer than the interval of a check',
    checks: `defaults: { timeout: 40s }\n${HTTP}`,
    problems: [
      '7:12: "timeout" 40s is longer than "every" 30s, so runs would overlap; expected a timeout of at most 30s',
    ],
  },
  {
    why: 'an interval below a second',
    checks: HTTP.replace('30s', '500ms'),
    problems: ['6:12: "every" is too short with 500ms; expected at least 1s'],
  },
  {
    why: 'an interval above a week',
    checks: HTTP.replace('30s', '8d'),
    problems: ['6:12: "every" is too long with 8d; expected at most 7d'],
  },
  {
    why: 'no time at all for a run',
    checks: `${HTTP}    timeout: 0s\n`,
    problems: ['7:14: "timeout" is too short with 0s; expected at least 100ms'],
  },
  {
    why: 'a quorum larger than the fleet',
    checks: `${HTTP}    alert: { regionsMin: 3 }\n`,
    problems: [
      '7:26: "regionsMin" 3 can never be reached: the check runs in 2 regions; expected at most 2',
    ],
  },
  {
    why: 'a quorum larger than the regions of the check',
    checks: `${HTTP}    regions: [eu-west]\n    alert: { regionsMin: 2 }\n`,
    problems: [
      '8:26: "regionsMin" 2 can never be reached: the check runs in 1 region; expected at most 1',
    ],
  },
  {
    why: 'a quorum of the defaults larger than the regions of the check',
    checks: `defaults: { alert: { regionsMin: 2 } }\n${HTTP}    regions: [eu-west]\n`,
    problems: [
      '8:14: "regionsMin" 2 can never be reached: the check runs in 1 region; expected at most 1',
    ],
  },
  {
    why: 'the same check id twice',
    checks: `${HTTP}${HTTP.slice(HTTP.indexOf('  - id'))}`,
    problems: [
      '7:9: the check id "home" is taken, at probes/shop/shop.checks.yaml:3:9; expected an id of its own',
    ],
  },
  {
    why: 'a script that does not exist',
    checks: `${JOURNEY}    script: ./bye.journey.ts\n`,
    problems: [
      '6:13: the script "./bye.journey.ts" does not exist; did you mean "./buy.journey.ts"?',
    ],
  },
  {
    why: 'a script outside probes/',
    checks: `${JOURNEY}    script: ../../x.journey.ts\n`,
    problems: [
      '6:13: the script "../../x.journey.ts" lies outside probes/; expected a journey below probes/, by its path from this file',
    ],
  },
  {
    why: 'a script by its absolute path',
    checks: `${JOURNEY}    script: /etc/x.journey.ts\n`,
    problems: [
      '6:13: the script "/etc/x.journey.ts" lies outside probes/; expected a journey below probes/, by its path from this file',
    ],
  },
  {
    why: 'a script that is no journey',
    checks: `${JOURNEY}    script: ./buy.ts\n`,
    problems: [
      '6:13: "script" cannot be "./buy.ts"; expected a path such as ./checkout.journey.ts or ./checkout.spec.ts',
    ],
  },
  {
    why: 'a grace that is shorter than a clock is exact',
    checks: `service: shop\nchecks:\n  - id: job\n    kind: heartbeat\n    token: JOB_TOKEN\n    every: 1h\n    grace: 10ms\n`,
    problems: ['7:12: "grace" is too short with 10ms; expected at least 1s'],
  },
  {
    why: 'a heartbeat in regions: nobody measures it there',
    checks: `service: shop\nchecks:\n  - id: job\n    kind: heartbeat\n    token: JOB_TOKEN\n    every: 1h\n    regions: [eu-west]\n`,
    problems: [
      '7:5: unknown key "regions"; expected id, name, every, cron, timeZone, alert, tier, kind, grace, token, expect or should',
    ],
  },
  {
    why: 'a body in a file that is not there',
    checks: `${HTTP}    body: { file: ./order.json }\n`,
    problems: [
      '7:19: the file "./order.json" does not exist; expected a file below probes/, by its path from this file',
    ],
  },
  {
    why: 'a body that would carry away another file of the machine',
    checks: `${HTTP}    body: { file: /etc/hostname }\n`,
    problems: [
      '7:19: the file "/etc/hostname" lies outside probes/; expected a file below probes/, by its path from this file',
    ],
  },
  {
    why: 'a body that climbs out of probes/',
    checks: `${HTTP}    body: { file: ../../config/regions.yaml }\n`,
    problems: [
      '7:19: the file "../../config/regions.yaml" lies outside probes/; expected a file below probes/, by its path from this file',
    ],
  },
  {
    why: 'trusted roots that do not exist',
    checks: `${TLS}    trustedRoots: ./ca.pem\n`,
    problems: [
      '7:19: the file "./ca.pem" does not exist; expected a PEM file with at least one certificate',
    ],
  },
  {
    why: 'trusted roots without a certificate',
    checks: `${TLS}    trustedRoots: ./buy.journey.ts\n`,
    problems: [
      '7:19: the file "./buy.journey.ts" holds no certificate; expected a PEM file with at least one certificate',
    ],
  },
  {
    why: 'a folder as trusted roots',
    checks: `${TLS}    trustedRoots: ../shop\n`,
    problems: [
      '7:19: the file "../shop" is no file; expected a PEM file with at least one certificate',
    ],
  },
]

const syntax: Row[] = [
  {
    why: 'a key twice',
    checks: `${HTTP}    every: 10s\n`,
    problems: ['7:5: the key "every" stands here twice, first on line 6'],
  },
  {
    why: 'a tab as indentation',
    checks: 'service: shop\n	checks: []\n',
    problems: ['2:1: not valid YAML: tabs are not allowed as indentation'],
  },
  {
    why: 'a quote that is not closed',
    checks: 'service: "shop\nchecks: []\n',
    problems: ['3:1: not valid YAML: missing closing "quote'],
  },
  {
    why: 'a second document',
    checks: `${HTTP}---\n${HTTP}`,
    problems: ['7:1: a second document begins here; expected one document a file'],
  },
  {
    why: 'another version of YAML, in which no is false',
    checks: `%YAML 1.1\n---\n${HTTP}`,
    problems: [
      '1:1: YAML directives are not taken here; expected a file without lines that begin with %',
    ],
  },
  {
    why: 'the prototype as a key',
    checks: `${HTTP}    __proto__: { url: x }\n`,
    problems: ['7:5: "__proto__" cannot be a key'],
  },
  {
    why: 'the constructor as a key',
    checks: `${HTTP}    headers: { constructor: a }\n`,
    problems: ['7:16: "constructor" cannot be a key'],
  },
  {
    why: 'a tag that would run code',
    checks: `${HTTP}    body: !!js/function x\n`,
    problems: [
      '7:11: YAML tags are not taken here; expected the plain value, in quotes where it must be text',
    ],
  },
  {
    why: 'a tag of YAML itself',
    checks: `${HTTP}    body: !!str 5\n`,
    problems: [
      '7:11: YAML tags are not taken here; expected the plain value, in quotes where it must be text',
    ],
  },
  {
    why: 'a list as a key',
    checks: '? [a]\n: 1\n',
    problems: ['1:3: a key must be plain text'],
  },
  {
    why: 'an alias of nothing',
    checks: `${HTTP}    body: *x\n`,
    problems: ['7:11: no anchor "&x" stands before this alias'],
  },
  {
    why: 'an anchor that contains itself',
    checks: `${HTTP}    body: &a [*a]\n`,
    problems: [
      '7:14: "body" cannot be a list; expected text, or a mapping such as { json: { sku: lamp-7 } }',
      '7:14: nested too deeply; expected at most 32 levels',
    ],
  },
  {
    why: 'a merge key',
    checks: `${HTTP}    <<: { every: 5s }\n`,
    problems: ['7:5: merge keys are not taken here; expected "defaults", or the keys themselves'],
  },
  {
    why: 'nested more than a person would',
    checks:
      'service: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\nchecks: []\n',
    problems: [
      '1:10: "service" cannot be a list; expected text',
      '1:42: nested too deeply; expected at most 32 levels',
      '2:9: "checks" cannot be an empty list; expected at least 1 entry',
    ],
  },
  {
    why: 'a variable in braces without quotes',
    checks: `${HTTP}    alert: { failuresToFire: \${N} }\n`,
    problems: [
      '7:30: inside [ ] and { } YAML takes the brace of a variable for its own; expected quotes around it, such as "${NAME}"',
    ],
  },
  {
    why: 'a variable that is not set',
    checks: HTTP.replace('https://shop.test/', '${SHOP_URL}/home'),
    problems: [
      '5:10: the environment variable SHOP_URL is not set; expected it to be set, or a default: ${SHOP_URL:-…}',
    ],
  },
  {
    why: 'a variable that is not set, further on in the text',
    checks: HTTP.replace('https://shop.test/', 'https://shop.test/${SHOP_PATH}'),
    problems: [
      '5:28: the environment variable SHOP_PATH is not set; expected it to be set, or a default: ${SHOP_PATH:-…}',
    ],
  },
  {
    why: 'a variable in lower case',
    checks: HTTP.replace('https://shop.test/', '${shop}'),
    problems: [
      '5:10: this is no variable; expected ${NAME} or ${NAME:-default}; a plain ${ is written $${',
    ],
  },
  {
    why: 'a variable in a variable',
    checks: HTTP.replace('https://shop.test/', '${A:-${B}}'),
    problems: [
      '5:10: this is no variable; expected ${NAME} or ${NAME:-default}; a plain ${ is written $${',
    ],
  },
  {
    why: 'values of variables are not shown',
    checks: HTTP.replace(
      'every: 30s',
      'cron: ${CRON}\n    method: ${HIDDEN}\n    timeout: "x ${HIDDEN}"\n    regions: ["${HIDDEN}"]',
    ),
    problems: [
      '6:11: "${CRON}" is no cron expression; expected five fields: minute hour day-of-month month day-of-week',
      '7:13: "method" cannot be "${HIDDEN}"; expected "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" or "TRACE"',
      '8:14: "timeout" cannot be "x ${HIDDEN}"; expected a duration such as 500ms, 30s, 5m, 1h or 2d',
      '9:15: unknown region "${HIDDEN}"; expected "eu-west" or "us-east"',
    ],
  },
]

const files: FileRow[] = [
  {
    why: 'no regions',
    files: { 'config/regions.yaml': undefined },
    problems: [
      'config/regions.yaml:1:1: the file is missing; expected the regions in which probes stand',
    ],
  },
  {
    why: 'a service earns nothing, in no currency',
    files: {
      'config/services.yaml':
        'services:\n  - { id: shop, tier: core, revenuePerMinute: { amount: 0, currency: euro } }\n',
    },
    problems: [
      'config/services.yaml:2:57: "amount" cannot be 0; expected more than 0',
      'config/services.yaml:2:70: "currency" cannot be "euro"; expected the three letters of a currency, such as EUR',
    ],
  },
  {
    why: 'no services',
    files: { 'config/services.yaml': undefined },
    problems: [
      'config/services.yaml:1:1: the file is missing; expected the services that are watched',
    ],
  },
  {
    why: 'a file that nobody reads',
    files: { 'config/severity.yaml': 'rules: []' },
    problems: [
      'config/severity.yaml:1:1: no file of this name is read; did you mean "severities.yaml"?',
    ],
  },
  {
    why: 'another ending',
    files: { 'config/severities.yml': 'rules: []' },
    problems: [
      'config/severities.yml:1:1: no file of this name is read; did you mean "severities.yaml"?',
    ],
  },
  {
    why: 'checks that nobody would read',
    files: { 'probes/shop/more.check.yaml': 'checks: []' },
    problems: [
      'probes/shop/more.check.yaml:1:1: no file of this name is read; did you mean "more.checks.yaml"?',
    ],
  },
  {
    why: 'the same region twice',
    files: { 'config/regions.yaml': 'regions:\n  - id: eu-west\n  - id: eu-west\n' },
    problems: [
      'config/regions.yaml:3:9: the region id "eu-west" is taken, at config/regions.yaml:2:9; expected an id of its own',
    ],
  },
  {
    why: 'the same service twice, and no such tier',
    files: {
      'config/services.yaml':
        'services:\n  - { id: shop, tier: core }\n  - { id: shop, tier: cor }\n',
    },
    problems: [
      'config/services.yaml:3:11: the service id "shop" is taken, at config/services.yaml:2:11; expected an id of its own',
      'config/services.yaml:3:23: "tier" cannot be "cor"; expected "core", "standard" or "minor"; did you mean "core"?',
    ],
  },
  {
    why: 'a service with the name of the fleet itself',
    files: {
      'config/services.yaml':
        'services:\n  - { id: shop, tier: core }\n  - { id: fleet, tier: core }\n',
    },
    problems: [
      'config/services.yaml:3:11: "id" cannot be "fleet"; expected another id: incidents of the fleet itself are filed under "fleet"',
    ],
  },
  {
    why: 'objectives that cannot be kept or watched',
    files: {
      'config/services.yaml': `services:
  - id: shop
    tier: core
    objectives:
      - { name: availability, target: 100%, over: 14d }
`,
    },
    problems: [
      'config/services.yaml:5:39: "target" cannot be "100%"; expected a share below 100%, such as 99.9%',
      'config/services.yaml:5:51: "over" cannot be "14d"; expected "7d", "28d" or "30d"',
    ],
  },
  {
    why: 'objectives about what is not there, twice, or too low to be watched',
    files: {
      'config/services.yaml': `services:
  - id: shop
    tier: core
    objectives:
      - { name: availability, target: 93%, over: 30d }
      - { name: availability, target: 99%, checks: [bye] }
  - id: search
    tier: core
    objectives:
      - { name: availability, target: 99% }
      - { name: other, target: 99%, checks: [buy] }
`,
    },
    problems: [
      'config/services.yaml:5:39: the page alert over 1 h can never fire: it wants a burn rate of 14.4, which a target above 93.06% can have; expected a higher target, or a longer period',
      'config/services.yaml:6:17: the service has another objective named availability; expected names that are unique within the service',
      'config/services.yaml:6:53: there is no check bye; expected a check of the service shop',
      'config/services.yaml:10:9: the service search has no check whose runs could count; expected a check of the service that is no heartbeat',
      'config/services.yaml:11:46: buy is a check of the service shop; expected a check of the service search',
    ],
  },
  {
    why: 'a tracker without its token, and half a repository',
    files: {
      'config/notifications.yaml': 'channels: []\ntickets: { kind: github, repository: shop }\n',
    },
    problems: [
      'config/notifications.yaml:2:10: "token" is missing; expected text',
      'config/notifications.yaml:2:38: "repository" cannot be "shop"; expected owner/name, such as example/shop',
    ],
  },
  {
    why: 'tickets by a clock that nobody has',
    files: {
      'config/notifications.yaml':
        'channels: []\ntickets: { kind: webhook, url: https://desk.test, secret: HOOK, zone: Berlin }\n',
    },
    problems: [
      'config/notifications.yaml:2:71: "Berlin" is no IANA time zone; expected a name such as Europe/Berlin',
    ],
  },
  {
    why: 'an unknown kind of channel, and an id twice',
    files: {
      'config/notifications.yaml':
        'channels:\n  - { id: a, kind: webhok }\n  - { id: a, kind: webhook, url: x, secret: a }\n',
    },
    problems: [
      'config/notifications.yaml:2:20: "kind" cannot be "webhok"; expected "webhook", "email", "slack", "pagerduty", "opsgenie", "jsm" or "ntfy"; did you mean "webhook"?',
      'config/notifications.yaml:3:11: the channel id "a" is taken, at config/notifications.yaml:2:11; expected an id of its own',
      'config/notifications.yaml:3:34: "url" cannot be "x"; expected an address such as https://chat.example.com/hook',
      'config/notifications.yaml:3:45: "secret" cannot be "a"; expected the name of a secret, such as SHOP_PASSWORD',
    ],
  },
  {
    why: 'severity rules out of order',
    files: {
      'config/severities.yaml':
        'rules:\n  - { when: {}, severity: SEV-1, because: x }\n  - { when: { scope: global }, severity: SEV-5, because: x }\n',
    },
    problems: [
      'config/severities.yaml:2:13: no rule after this one can match; expected when: {} in the last rule only',
      'config/severities.yaml:3:13: the last rule does not match everything; expected when: {}',
      'config/severities.yaml:3:42: "severity" cannot be "SEV-5"; expected "SEV-1", "SEV-2", "SEV-3" or "SEV-4"; did you mean "SEV-1"?',
    ],
  },
  {
    why: 'severities that are not those four',
    files: {
      'config/severities.yaml':
        'severities: { SEV-1: { name: a, description: b }, SEV-9: { name: a, description: b } }\nrules: []\nverifyFor: 0s\n',
    },
    problems: [
      'config/severities.yaml:1:13: "SEV-3" is missing; expected a mapping of keys to values',
      'config/severities.yaml:1:13: "SEV-4" is missing; expected a mapping of keys to values',
      'config/severities.yaml:1:51: unknown key "SEV-9"; did you mean "SEV-2"?',
      'config/severities.yaml:2:8: "rules" cannot be an empty list; expected at least 1 entry',
      'config/severities.yaml:3:12: "verifyFor" is too short with 0s; expected at least 1s',
    ],
  },
  {
    why: 'a region silent before it can speak',
    files: { 'config/regions.yaml': 'regions: [{ id: eu-west }]\nsilentAfter: 10ms\n' },
    problems: [
      'config/regions.yaml:2:14: "silentAfter" is too short with 10ms; expected at least 1s',
    ],
  },
  {
    why: 'bytes that are no text',
    files: { 'config/regions.yaml': new Uint8Array([0x72, 0xff, 0xfe]) },
    problems: ['config/regions.yaml:1:1: the file is no UTF-8 text'],
  },
  {
    why: 'a file that is too large',
    files: { 'config/regions.yaml': '#'.repeat(1024 * 1024 + 1) },
    problems: ['config/regions.yaml:1:1: the file is larger than 1024 KiB'],
  },
  {
    why: 'an id in two files',
    files: { 'probes/till/till.checks.yaml': HTTP.replace('home', 'buy') },
    problems: [
      'probes/till/till.checks.yaml:3:9: the check id "buy" is taken, at probes/shop/shop.checks.yaml:3:9; expected an id of its own',
    ],
  },
]

describe.each([
  { about: 'the form of a file', rows: shape },
  { about: 'what a file means', rows: meaning },
  { about: 'YAML and variables', rows: syntax },
])('$about', ({ rows }) => {
  test.each(rows)('refused: $why', async ({ checks, problems }) => {
    const found = await problemsOf({ [CHECK_FILE]: checks })

    expect(found).toEqual(problems.map((problem) => `${CHECK_FILE}:${problem}`))
    expect(found.join()).not.toContain('hidden')
  })
})

test.each(files)('refused: $why', async ({ files, problems }) => {
  expect(await problemsOf(files)).toEqual(problems)
})

test('every problem of every file comes in one go, in the order of files and lines', async () => {
  const found = await problemsOf({
    'config/services.yaml': 'services:\n  - { id: shop, tier: cor }\n',
    'config/severities.yaml': 'rules: []\n',
    'probes/a/a.checks.yaml': 'service: shop\nchecks:\n  - { id: a, kind: dns, every: 1 }\n',
    'probes/b/b.checks.yaml': 'service: "shop\n',
  })

  expect(found.map((line) => line.split(': ')[0])).toEqual([
    'config/services.yaml:2:23',
    'config/severities.yaml:1:8',
    'probes/a/a.checks.yaml:3:5',
    'probes/a/a.checks.yaml:3:32',
    'probes/b/b.checks.yaml:2:1',
  ])
})

test('what is wrong in config/ is not said again for each check that relies on it', async () => {
  const found = await problemsOf({ 'config/regions.yaml': 'regions: "\n' })

  expect(found).toEqual(['config/regions.yaml:2:1: not valid YAML: missing closing "quote'])
})

test('a bomb of anchors is refused at once', async () => {
  const nine = (name: string) => `[${Array(9).fill(name).join(', ')}]`
  const bomb = [
    'a: &a [x]',
    ...['b', 'c', 'd', 'e', 'f', 'g', 'h'].map(
      (name, index) => `${name}: &${name} ${nine(`*${'abcdefg'[index]}`)}`,
    ),
  ].join('\n')

  const found = await problemsOf({ [CHECK_FILE]: bomb })

  expect(found.filter((problem) => problem.includes('aliases repeat too much'))).toHaveLength(1)
})

test.each([
  {
    why: 'values',
    checks: `checks:\n${'  - ${NO}\n'.repeat(150)}`,
    more: '1:1: 50 more problems in this file',
  },
  {
    why: 'checks',
    checks: `service: shop\ndefaults: { every: 1m }\nchecks:\n${'  - { kind: ftp }\n'.repeat(150)}`,
    more: '1:1: 50 more problems in this file',
  },
  {
    why: 'keys',
    checks: `service: shop\n${Array.from({ length: 30 }, (_, index) => `z${index}z: 1\n`).join('')}`,
    more: '1:1: 10 more unknown keys',
  },
])('of very many wrong $why some are counted rather than said', async ({ checks, more }) => {
  expect(await problemsOf({ [CHECK_FILE]: checks })).toContain(`${CHECK_FILE}:${more}`)
})

test('a folder that is nowhere is refused in words', async () => {
  const loaded = await loadFleet('/nowhere/at/all', {})

  expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([
    'config:1:1: the folder is missing',
    'probes:1:1: the folder is missing',
  ])
})
