import { httpTarget } from './http-target.ts'

export type RdapTarget = {
  /** The registry's service. */
  url: string
  /** A list of registries that names this one, for `.test`. */
  bootstrapUrl: string
  /** Paths that were asked for, in order. */
  asked: string[]
}

type Answer = { status?: number; body?: string; location?: string }

/** What a registry says of a registered domain. */
export const registration = (expiresAt: Date): string =>
  JSON.stringify({
    objectClassName: 'domain',
    events: [
      { eventAction: 'registration', eventDate: '2001-01-01T00:00:00Z' },
      { eventAction: 'expiration', eventDate: expiresAt.toISOString() },
    ],
  })

/** A registry that speaks RDAP, and the list where it is found; gone when the test is over. */
export async function rdapTarget(
  domains: Readonly<Record<string, Answer>>,
  elsewhere: Answer = { status: 404 },
): Promise<RdapTarget> {
  const target: RdapTarget = { url: '', bootstrapUrl: '', asked: [] }
  const { url } = await httpTarget((request, response) => {
    const path = request.url ?? ''
    target.asked.push(path)
    const isList = path === '/dns.json'
    const list = {
      services: [
        [['com'], ['https://rdap.invalid/']],
        [['test'], [`${url}rdap/`]],
      ],
    }
    const answer = isList
      ? { body: JSON.stringify(list) }
      : (domains[path.replace('/rdap/domain/', '')] ?? elsewhere)
    const { status = 200, body = '', location } = answer
    response.writeHead(status, location === undefined ? {} : { location }).end(body)
  })
  target.url = `${url}rdap`
  target.bootstrapUrl = `${url}dns.json`
  return target
}
