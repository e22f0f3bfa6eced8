import { isIP } from 'node:net'
import { z } from 'zod'
import { CheckError } from '../checks/check-runner.ts'
import { classifyError } from '../checks/classify-error.ts'
import { type FetchParts, fetchJson } from './fetch-json.ts'
import { plainDuration } from './phase-meter.ts'

/** Which registry knows the domains below a top-level domain (RFC 9224). */
export const IANA_BOOTSTRAP = 'https://data.iana.org/rdap/dns.json'

const DAY_MS = 86_400_000
/** Registrations change once a year; registries do not want to be asked at each run. */
const ANSWER_KEPT_MS = 3_600_000
const ANSWERS_MAX = 1_000
/** Labels that a name is shortened by until a registry knows it. */
const QUESTIONS_MAX = 5

const Bootstrap = z.object({
  services: z.array(z.tuple([z.array(z.string()), z.array(z.string())])).max(20_000),
})
type Bootstrap = z.infer<typeof Bootstrap>

/** RFC 9083 §4.5. */
const Domain = z.object({
  events: z
    .array(z.object({ eventAction: z.string(), eventDate: z.string() }))
    .max(1_000)
    .optional(),
})

export type Registration = {
  /** The domain that the registry knows: `example.com` for `shop.example.com`. */
  domain: string
  /** When it ends, in epoch milliseconds. */
  expiresAt: number
}

/** What registries say about domains, by RDAP (RFC 9082, RFC 9083). */
export type DomainRegistry = {
  /**
   * @param server the registry's service; found by IANA's list when absent.
   * @throws {CheckError} `rdap.failed` when that is the registry's word about the domain (see
   *   {@link isRegistrysWord}), else whatever kept it from answering.
   */
  find(host: string, server: string | undefined, parts: FetchParts): Promise<Registration>
}

type Kept<T> = { value: T; until: number }

/**
 * One probe's view of the registries. It keeps IANA's list for a day, and answers for an hour. Times
 * are of the monotonic clock.
 */
export function createDomainRegistry({ bootstrapUrl = IANA_BOOTSTRAP } = {}): DomainRegistry {
  let bootstrap: Kept<Bootstrap> | undefined
  const answers = new Map<string, Kept<Registration>>()

  async function serverFor(domain: string, parts: FetchParts): Promise<string> {
    const now = parts.context.clock.monotonic()
    if (!bootstrap || bootstrap.until <= now) {
      const { status, body } = await fetchJson(new URL(bootstrapUrl), parts)
      const parsed = Bootstrap.safeParse(body)
      if (status !== 200 || !parsed.success)
        throw noAnswer(
          `the list of registries at ${bootstrapUrl} cannot be read (status ${status})`,
        )
      bootstrap = { value: parsed.data, until: now + DAY_MS }
    }
    const found = longestMatch(bootstrap.value, domain)
    if (found === undefined) throw failed(`no registry is known to tell about ${domain} by RDAP`)
    return found
  }

  return {
    async find(host, server, parts) {
      const name = host.toLowerCase().replace(/\.$/, '')
      const key = `${server ?? ''} ${name}`
      const now = parts.context.clock.monotonic()
      const kept = answers.get(key)
      if (kept && kept.until > now) return kept.value
      answers.delete(key)
      const value = await inWords(parts, async () => {
        if (isIP(name) !== 0 || !name.includes('.')) throw failed(`${host} is no domain name`)
        return ask(name, server ?? (await serverFor(name, parts)), parts)
      })
      const oldest = answers.size >= ANSWERS_MAX ? answers.keys().next().value : undefined
      if (oldest !== undefined) answers.delete(oldest)
      answers.set(key, { value, until: now + ANSWER_KEPT_MS })
      return value
    },
  }
}

const failed = (words: string) => new CheckError('rdap.failed', words)

const noAnswer = (words: string) => new CheckError('http.malformed', words)

/**
 * Whether a registry, or IANA's list, answered, and the answer is that there is no day on which the
 * registration ends: nothing that passes by itself, as an outage does.
 */
export const isRegistrysWord = (error: unknown): boolean =>
  error instanceof CheckError && error.type === 'rdap.failed'

/** The name, then its parents, until the registry knows one: what is registered cannot be told by its form. */
async function ask(name: string, server: string, parts: FetchParts): Promise<Registration> {
  const base = server.endsWith('/') ? server : `${server}/`
  for (const domain of candidates(name)) {
    const { status, body } = await fetchJson(new URL(`domain/${domain}`, base), parts)
    // Some registries call a name that is not directly below theirs a bad question.
    if ([400, 404, 422].includes(status)) continue
    if (status !== 200) throw noAnswer(`${server} answered ${status} about ${domain}`)
    return { domain, expiresAt: expirationOf(body, domain, server) }
  }
  throw failed(`${server} knows no registration of ${name}`)
}

function candidates(name: string): string[] {
  const labels = name.split('.')
  const all = labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'))
  // Of a name with many labels, the last ones are registered.
  return all.slice(-QUESTIONS_MAX)
}

function expirationOf(body: unknown, domain: string, server: string): number {
  const parsed = Domain.safeParse(body)
  if (!parsed.success) throw noAnswer(`the answer of ${server} about ${domain} is none of RDAP`)
  const { events = [] } = parsed.data
  const expiration = events.find(({ eventAction }) => eventAction === 'expiration')
  const expiresAt = Date.parse(expiration?.eventDate ?? '')
  if (Number.isNaN(expiresAt)) throw failed(`${server} does not say when ${domain} expires`)
  return expiresAt
}

function longestMatch({ services }: Bootstrap, domain: string): string | undefined {
  const entries = services
    .flatMap(([zones, urls]) => zones.map((zone) => ({ zone: zone.toLowerCase(), urls })))
    .filter(({ zone }) => zone !== '' && (domain === zone || domain.endsWith(`.${zone}`)))
    .toSorted((a, b) => b.zone.length - a.zone.length)
  const urls = entries[0]?.urls ?? []
  return urls.find((url) => url.startsWith('https:')) ?? urls.find((url) => URL.canParse(url))
}

async function inWords<T>(
  { context: { signal }, limitMs }: FetchParts,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isRegistrysWord(error)) throw error
    const { type, message } = classifyError(error, 'the registry')
    const why = signal.aborted
      ? `before the time of the run, or the ${plainDuration(limitMs)} for it, were over`
      : `by RDAP: ${message}`
    throw new CheckError(type, `no answer ${why}`, { cause: error })
  }
}
