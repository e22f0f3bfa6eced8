import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'

/** What the fleet looks at, one page a check, and where it tells what it found. */
export type BenchShop = {
  address: string
  /** From here on every request of the page is answered with 503. */
  breakFor(checkId: string): void
  /** The next request alone, whichever region makes it. */
  blip(checkId: string): void
  /** When the first failing answer was given. */
  firstFailureAt: ReadonlyMap<string, number>
  /** When a service was first told of to the channel. */
  toldAt: ReadonlyMap<string, number>
  stop(): void
}

export async function startBenchShop(): Promise<BenchShop> {
  const broken = new Set<string>()
  const once = new Set<string>()
  const firstFailureAt = new Map<string, number>()
  const toldAt = new Map<string, number>()
  const server = createServer(async (request, response) => {
    const page = (request.url ?? '/').slice(1)
    if (page === 'hook') {
      const { data } = JSON.parse(await text(request)) as { data: { service: string } }
      if (!toldAt.has(data.service)) toldAt.set(data.service, Date.now())
      response.writeHead(204).end()
      return
    }
    const fails = once.delete(page) || broken.has(page)
    if (fails && !firstFailureAt.has(page)) firstFailureAt.set(page, Date.now())
    response.writeHead(fails ? 503 : 200).end('a page')
  })
  return {
    address: await listen(server),
    breakFor: (checkId) => void broken.add(checkId),
    blip: (checkId) => void once.add(checkId),
    firstFailureAt,
    toldAt,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function listen(server: Server): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the shop has no address')
  return `http://127.0.0.1:${address.port}`
}
