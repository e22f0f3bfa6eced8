import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import Provider from 'oidc-provider'
import { onTestFinished } from 'vitest'

/** An organisation's sign-in: a real OpenID provider on loopback. */
export type IdentityProvider = {
  issuer: string
  clientId: string
  clientSecret: string
}

/** What it says of its members, by the name that they type there. */
export type Members = Record<string, Record<string, unknown>>

export async function identityProvider(
  members: Members,
  redirectUri: string,
): Promise<IdentityProvider> {
  const clientId = 'firewatch'
  const clientSecret = 'a-secret-of-tests-for-the-provider'
  let answer: ReturnType<Provider['callback']> | undefined
  const server: Server = createServer((request, response) => void answer?.(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the provider has no address')
  const issuer = `http://127.0.0.1:${address.port}`
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    pkce: { required: () => true },
    cookies: { keys: ['a key of tests'] },
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'preferred_username', 'groups'],
    },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: async () => ({ sub, ...members[sub] }),
    }),
  })
  answer = provider.callback()
  onTestFinished(async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  })
  return { issuer, clientId, clientSecret }
}

/** A browser that follows links and fills in the provider's forms; cookies by host and port. */
export function wanderer() {
  const jars = new Map<string, Map<string, string>>()
  const jarOf = (url: URL) => {
    const jar = jars.get(url.host) ?? new Map<string, string>()
    jars.set(url.host, jar)
    return jar
  }
  async function visit(address: string, form?: Record<string, string>): Promise<Response> {
    const url = new URL(address)
    const jar = jarOf(url)
    const response = await fetch(url, {
      redirect: 'manual',
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    })
    for (const set of response.headers.getSetCookie()) {
      const [pair = ''] = set.split(';')
      const [name = '', value = ''] = pair.split(/=(.*)/s)
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(set)) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
  const nextOf = (response: Response, from: string) =>
    new URL(response.headers.get('location') ?? '', from).href

  return {
    visit,
    cookies: (address: string) => jarOf(new URL(address)),
    /**
     * Follows from a first address until one that is `wanted`, signing in at the provider on the way.
     *
     * @returns that address, not yet visited.
     */
    async follow(first: string, login: string, wanted: (url: string) => boolean): Promise<string> {
      let address = first
      for (let steps = 0; steps < 20; steps++) {
        if (wanted(address)) return address
        const response = await visit(address)
        if (response.status >= 300 && response.status < 400) {
          address = nextOf(response, address)
          continue
        }
        const page = await response.text()
        const action = /<form[^>]+action="([^"]+)"/.exec(page)?.[1]
        const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1]
        if (!action || !prompt) throw new Error(`no form at ${address}: ${page.slice(0, 300)}`)
        const typed = prompt === 'login' ? { prompt, login, password: 'any' } : { prompt }
        const sent = await visit(new URL(action, address).href, typed)
        address = nextOf(sent, address)
      }
      throw new Error(`it goes round in circles: ${address}`)
    },
  }
}
