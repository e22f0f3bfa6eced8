import type { Answer, DecodedPacket, OptAnswer, Packet, Question } from 'dns-packet'

/** The zone `shop.test`, and how a query for it is answered (RFC 1034 §4.3.2, RFC 2308). Pure. */

const APEX = 'shop.test'
const TTL_S = 60
/** How long resolvers may remember that a name does not exist; short, because faults are. */
const NEGATIVE_TTL_S = 5

const AUTHORITATIVE = 1 << 10
const RECURSION_DESIRED = 1 << 8
const RCODE = { noError: 0, formatError: 1, noName: 3, notImplemented: 4, refused: 5 } as const
/** What we tell EDNS clients that we take; RFC 9715. */
const EDNS_UDP_BYTES = 1_232

type RecordData = Answer extends infer Each
  ? Each extends { data: unknown; type: unknown }
    ? Pick<Each, 'type' | 'data'>
    : never
  : never

const SOA = {
  mname: `ns.${APEX}`,
  rname: `hostmaster.${APEX}`,
  serial: 2026010101,
  refresh: 3_600,
  retry: 600,
  expire: 86_400,
  minimum: NEGATIVE_TTL_S,
}

/** Four texts of 200 bytes: more than fits into a plain UDP answer. */
const LONG_TEXTS = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(200))

const RECORDS: ReadonlyMap<string, readonly RecordData[]> = new Map([
  [
    APEX,
    [
      { type: 'SOA', data: SOA },
      { type: 'NS', data: `ns.${APEX}` },
      { type: 'A', data: '127.0.0.1' },
      { type: 'MX', data: { preference: 10, exchange: `mail.${APEX}` } },
      { type: 'TXT', data: ['v=spf1 -all'] },
    ],
  ],
  [`ns.${APEX}`, [{ type: 'A', data: '127.0.0.1' }]],
  [`mail.${APEX}`, [{ type: 'A', data: '127.0.0.1' }]],
  [`www.${APEX}`, [{ type: 'CNAME', data: APEX }]],
  [`big.${APEX}`, [{ type: 'TXT', data: LONG_TEXTS }]],
])

/** Questions for everything or for a transfer of the zone: no authority has to answer them. */
const REFUSED_TYPES = ['ANY', 'AXFR', 'IXFR']

/**
 * The answer to a query, or undefined when the message is no query and must be ignored: two name
 * servers that answered each other's answers would never stop.
 *
 * @param isGone the fault `dns-nxdomain`: deny that the zone's names exist.
 */
export function answerQuery(query: DecodedPacket, isGone: boolean): Packet | undefined {
  if (query.flag_qr) return undefined
  const [question, ...more] = query.questions ?? []
  if (opcodeOf(query) !== 0) return respond(query, { rcode: RCODE.notImplemented })
  if (!question || more.length > 0) return respond(query, { rcode: RCODE.formatError })

  const name = question.name.toLowerCase().replace(/\.$/, '')
  const isInZone = name === APEX || name.endsWith(`.${APEX}`)
  const isOrdinary = question.class === 'IN' && !REFUSED_TYPES.includes(question.type)
  if (!isInZone || !isOrdinary) return respond(query, { rcode: RCODE.refused })

  const records = isGone ? undefined : RECORDS.get(name)
  if (!records)
    return respond(query, { rcode: RCODE.noName, isOurs: true, authorities: [startOfAuthority()] })
  const answers = findAnswers(question, records)
  if (answers.length === 0)
    return respond(query, { isOurs: true, authorities: [startOfAuthority()] })
  return respond(query, { isOurs: true, answers })
}

function findAnswers(question: Question, records: readonly RecordData[]): Answer[] {
  const answers: Answer[] = []
  for (const record of records) {
    if (record.type === question.type) answers.push(toAnswer(question.name, record))
    else if (record.type === 'CNAME') {
      const target = RECORDS.get(record.data) ?? []
      answers.push(toAnswer(question.name, record))
      answers.push(...findAnswers({ ...question, name: record.data }, target))
    }
  }
  return answers
}

/** The name is written as it was asked: clients that mix upper and lower case compare. */
const toAnswer = (name: string, record: RecordData): Answer => ({
  ...record,
  name,
  ttl: TTL_S,
  class: 'IN',
})

const startOfAuthority = (): Answer => ({
  type: 'SOA',
  name: APEX,
  ttl: NEGATIVE_TTL_S,
  class: 'IN',
  data: SOA,
})

type Response = { rcode?: number; isOurs?: boolean; answers?: Answer[]; authorities?: Answer[] }

function respond(query: DecodedPacket, response: Response): Packet {
  const { rcode = RCODE.noError, isOurs = false, answers = [], authorities = [] } = response
  const recursionDesired = query.flag_rd ? RECURSION_DESIRED : 0
  const hasEdns = query.additionals?.some(({ type }) => type === 'OPT')
  return {
    id: query.id ?? 0,
    type: 'response',
    flags: (isOurs ? AUTHORITATIVE : 0) | recursionDesired | rcode,
    questions: (query.questions ?? []).slice(0, 1),
    answers,
    authorities,
    additionals: hasEdns ? [edns] : [],
  }
}

const edns: OptAnswer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: EDNS_UDP_BYTES,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
}

const opcodeOf = ({ flags = 0 }: DecodedPacket): number => (flags >> 11) & 0xf
