import { expectationsOf, type KindResolver, mayBe, NETWORK_TIMEOUT_MS } from './kind-resolver.ts'

/** Who expects one of them says what comes; a referral has its records in the authority section. */
const ABOUT_ANSWERS = ['answer', 'answerCount', 'authority', 'serial']

export const dnsResolver: KindResolver<'dns'> = {
  timeoutMs: NETWORK_TIMEOUT_MS,
  retry: 'network',
  fields: (written, { content }) => ({
    // What is written as its name is the question.
    name: written.id,
    questionName: written.name,
    recordType: written.recordType ?? 'A',
    server: written.server,
    transport: written.transport === 'auto' ? undefined : written.transport,
    recursion: written.recursion,
    dnssec: written.dnssec,
    trustedRoots: content(['trustedRoots']),
    serverName: written.serverName,
  }),
  expectations(written) {
    const said = Object.keys(written.expect ?? {})
    const saysAnswer = ABOUT_ANSWERS.some((subject) => said.includes(subject))
    const isAnswered = !saysAnswer && mayBe(written.expect, 'rcode', 'NOERROR')
    // A name without a record of the type answers NOERROR too, with nothing in it.
    return expectationsOf(written, {
      rcode: 'NOERROR',
      ...(isAnswered && { answerCount: { min: 1 } }),
    })
  },
}
